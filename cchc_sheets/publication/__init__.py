"""Everything that leaves the office: the decision with its annexes, made, checked and read back."""
