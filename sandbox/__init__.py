"""A small pretend outside world: Entra's token service and Microsoft Graph, a GoTo account, and a mail inbox.

Ordinary https servers in one process, with their state in memory, so that everything of the product runs unchanged
against them. It imports nothing of the product and nothing of the product imports it.

    entra/      the tenant: directory, token service, Graph
    goto/       the account: token endpoints, Admin API
    control/    what tests and demonstrations do to this world, and the page that shows it
"""
