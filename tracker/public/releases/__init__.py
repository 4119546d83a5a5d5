"""Every release of a program, and what stands where one was taken back."""
