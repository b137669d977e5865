"""What can be said about clips and credits: pure functions, and what leaves the studio."""
