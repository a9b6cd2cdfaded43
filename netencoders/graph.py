"""NetGraph. (INTERFACE STUB, being written)"""


class NetGraph: ...
