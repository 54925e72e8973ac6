{
  "targets": [
    {
      "target_name": "faults",
      "sources": [
        "faults.c", "../src/udp.c", "../src/receive.c", "../src/send.c", "../src/addresses.c", "../src/handles.c", "../src/processor.c",
        "../src/fec/product.c", "../src/fec/field.c",
        "../src/crypto/cipher.c", "../src/crypto/aes.c", "../src/crypto/cfb.c", "../src/crypto/chains.c",
        "../src/crypto/crc32.c", "../src/crypto/gcm.c", "../src/crypto/plain.c", "../src/crypto/chacha20-poly1305.c", "../src/crypto/poly1305.c", "../src/crypto/salsa20.c",
        "../src/crypto/triple-des.c",
        "../src/crypto/tea.c", "../src/crypto/blowfish.c", "../src/crypto/cast5.c", "../src/crypto/twofish.c"
      ],
      "include_dirs": ["../src"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "defines": ["NAPI_VERSION=8", "RXKCP_FAULTS"]
    }
  ]
}
