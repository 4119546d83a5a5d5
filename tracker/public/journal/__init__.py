"""The journal in public: the page about it, the log as files, proofs, and checking them."""
