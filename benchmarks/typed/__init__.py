"""Questions as people type them, on the sample handbook: is what they are told right?"""
