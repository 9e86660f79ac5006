"""The season on the real Google; run by hand only, see docs/google-setup.md, section 12."""
