"""The rules of the field: criteria, scoring, appraisal, survey, index, ranks and classes; pure functions on data."""
