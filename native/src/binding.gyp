{
  "targets": [
    {
      "target_name": "rxkcp",
      "sources": ["udp.c", "receive.c", "send.c", "addresses.c"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "defines": ["NAPI_VERSION=8"]
    }
  ]
}
