"""stub"""
from netencoders import hookimpl
@hookimpl
def register_encoders(register):
    pass
