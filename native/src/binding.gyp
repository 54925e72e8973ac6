{
  "targets": [
    {
      "target_name": "rxkcp",
      "sources": [
        "udp.c", "receive.c", "send.c", "addresses.c", "handles.c", "processor.c",
        "fec/product.c", "fec/field.c",
        "crypto/cipher.c", "crypto/aes.c", "crypto/cfb.c", "crypto/chains.c", "crypto/crc32.c", "crypto/gcm.c",
        "crypto/plain.c", "crypto/chacha20-poly1305.c", "crypto/poly1305.c", "crypto/salsa20.c", "crypto/triple-des.c",
        "crypto/tea.c", "crypto/blowfish.c", "crypto/cast5.c", "crypto/twofish.c"
      ],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden", "-fstack-protector-strong"],
      "ldflags": ["-Wl,-z,relro", "-Wl,-z,now"],
      "defines": ["NAPI_VERSION=8", "_FORTIFY_SOURCE=2"]
    }
  ]
}
