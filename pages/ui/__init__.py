"""What the pages share: words, pictures of a clip, and the way to the studio."""
