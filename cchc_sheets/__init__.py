"""Runs the yearly Public Administration Reform Index of communes (Chỉ số cải cách hành chính cấp xã)."""

__version__ = "0.1.0"
