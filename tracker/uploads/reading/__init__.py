"""Reading files that strangers made: nothing is guessed silently, nothing is half understood.

`mapping` says what the columns mean, `encoding` and `files` find out what kind of file it is, `values` and `rows`
read one line, `checking` compares it with what the ledger already holds.
"""
