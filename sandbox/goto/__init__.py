"""GoTo: token endpoints and the Admin API over the accounts of paying customers.

Source for everything here: GoTo Developer, "Authentication" and "Administration API"; what nobody
could confirm is a knob.
"""
