"""A local Twilio and WeChat: they sign, call, retry, delay, repeat, reorder and fail as the real ones do.

Tests and `hotline simulate` share them. They know the providers' protocols and nothing of ours: no signature, cipher or
parser of `channels` is used here, so that a mistake there cannot be made twice.
"""
