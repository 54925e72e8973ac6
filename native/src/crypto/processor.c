// By the instruction itself (Intel SDM volume 2A, CPUID; volume 1, section 14.3 for what the system must save): what compilers bring for
// that is not in every C library.

#include "cipher.h"

#if RXKCP_CIPHERS

#include <cpuid.h>

#include "processor.h"

// Registers that the system saves: XMM and YMM, and with them the masks and ZMM.
enum { SAVES_YMM = 0x6, SAVES_ZMM = 0xe6 };

__attribute__((target("xsave"))) static unsigned saved_registers(void) { return (unsigned)__builtin_ia32_xgetbv(0); }

processor_t PROCESSOR;

__attribute__((constructor)) static void ask(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return;
  PROCESSOR.base = (c & bit_AES) && (c & bit_PCLMUL) && (c & bit_SSSE3) && (c & bit_SSE4_1);
  const bool has_avx = (c & bit_OSXSAVE) && (c & bit_AVX);
  const unsigned saved = has_avx ? saved_registers() : 0;
  if ((saved & SAVES_YMM) != SAVES_YMM || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
  PROCESSOR.avx2 = (b & bit_AVX2) != 0;
  PROCESSOR.vpclmulqdq = (c & (1u << 10)) != 0;
  const bool saves_zmm = (saved & SAVES_ZMM) == SAVES_ZMM;
  PROCESSOR.avx512f = saves_zmm && (b & bit_AVX512F);
  PROCESSOR.avx512vl = saves_zmm && (b & bit_AVX512VL);
}

#endif
