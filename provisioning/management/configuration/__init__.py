"""`manage.py configure FILE.json`: makes what the file says true.

reading     values with their paths; what is wrong is gathered
document    the file, read and judged as a whole before anything changes
applying    one action after the other, each of which changes nothing where it is true already
waiting     for what only a worker can find out or test
"""
