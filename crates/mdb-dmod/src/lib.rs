//! What a dmod author uses: the safe face of the dmod ABI.
