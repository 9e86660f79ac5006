"""The cycle folder (kỳ đánh giá): its files, read and checked, every mistake of all of them at once."""
