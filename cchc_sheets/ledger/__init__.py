"""The ledger (sổ theo dõi): append-only, hash-chained entries, and the lease that lets one command write at a time.

A SQLite file in the cycle folder by default; a PostgreSQL database if cycle.yaml names one.
"""

from cchc_sheets.ledger.chain import GENESIS, Entry, Ledger
from cchc_sheets.ledger.lease import BEAT, DURATION, Claim, Holder

__all__ = ["BEAT", "DURATION", "GENESIS", "Claim", "Entry", "Holder", "Ledger"]
