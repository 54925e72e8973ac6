// By the instruction itself (Intel SDM volume 2A, CPUID; volume 1, section 14.3 for what the system must save): what compilers bring for
// that is not in every C library.

#include "processor.h"

#if RXKCP_X86

#include <cpuid.h>

// Registers that the system saves: XMM and YMM, and with them the masks and ZMM.
enum { SAVES_YMM = 0x6, SAVES_ZMM = 0xe6 };

__attribute__((target("xsave"))) static unsigned saved_registers(void) { return (unsigned)__builtin_ia32_xgetbv(0); }

processor_t PROCESSOR;

__attribute__((constructor)) static void ask(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return;
  PROCESSOR.ssse3 = (c & bit_SSSE3) != 0;
  PROCESSOR.base = (c & bit_AES) && (c & bit_PCLMUL) && (c & bit_SSSE3) && (c & bit_SSE4_1);
  const bool has_avx = (c & bit_OSXSAVE) && (c & bit_AVX);
  const unsigned saved = has_avx ? saved_registers() : 0;
  if ((saved & SAVES_YMM) != SAVES_YMM || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
  PROCESSOR.avx2 = (b & bit_AVX2) != 0;
  PROCESSOR.gfni = (c & (1u << 8)) != 0;
  PROCESSOR.vaes = (c & (1u << 9)) != 0;
  PROCESSOR.vpclmulqdq = (c & (1u << 10)) != 0;
  const bool saves_zmm = (saved & SAVES_ZMM) == SAVES_ZMM;
  PROCESSOR.avx512f = saves_zmm && (b & bit_AVX512F);
  PROCESSOR.avx512bw = saves_zmm && (b & bit_AVX512BW);
  PROCESSOR.avx512ifma = saves_zmm && (b & bit_AVX512IFMA);
  PROCESSOR.avx512vl = saves_zmm && (b & bit_AVX512VL);
}

#ifdef RXKCP_FAULTS
bool limit_processor(int level) {
  PROCESSOR = (processor_t){0};
  ask();
  const processor_t all = PROCESSOR;
  if (level < 4) {
    PROCESSOR.avx512f = PROCESSOR.avx512bw = PROCESSOR.avx512vl = PROCESSOR.avx512ifma = false;
  }
  if (level < 3) PROCESSOR.gfni = PROCESSOR.vaes = PROCESSOR.vpclmulqdq = false;
  if (level < 2) PROCESSOR.avx2 = false;
  if (level < 1) PROCESSOR.base = PROCESSOR.ssse3 = false;
  const bool has[] = {true, all.base, all.avx2, all.gfni || all.vaes || all.vpclmulqdq, all.avx512f};
  return has[level];
}
#endif

#endif
