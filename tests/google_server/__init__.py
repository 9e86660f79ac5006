"""A Sheets v4 + Drive v3 + OAuth server of our own, stricter than Google where Google's behaviour is uncertain.

Every request and every answer is checked against Google's published discovery documents.
"""

from __future__ import annotations

from google_server.faults import Fault
from google_server.person import Person
from google_server.quotas import Quota
from google_server.server import GoogleServer

__all__ = ["Fault", "GoogleServer", "Person", "Quota"]
