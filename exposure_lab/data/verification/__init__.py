"""Checking a set: is it complete, and can its pictures be decoded."""
