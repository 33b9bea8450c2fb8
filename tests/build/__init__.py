"""Real files made together with the facts a reader must find in them: the facts are the expectation.

Written from the contract and the notice, independently of the parsers, so that the two check one another.
"""
