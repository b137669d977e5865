"""What helps to build the studio and is not part of it."""
