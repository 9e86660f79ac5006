"""Where the workbooks are: the port that the stages speak to, and its adapters."""
