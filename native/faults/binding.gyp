{
  "targets": [
    {
      "target_name": "faults",
      "sources": ["faults.c", "../src/udp.c", "../src/receive.c", "../src/send.c", "../src/addresses.c"],
      "include_dirs": ["../src"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "defines": ["NAPI_VERSION=8", "RXKCP_FAULTS"]
    }
  ]
}
