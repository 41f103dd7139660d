"""Where people and applications sign in: what Microsoft's and Google's endpoints share, and each of them."""
