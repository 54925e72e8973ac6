// Generated from ./assembly and ./fec/assembly by `npm run build:kernel`. Do not edit. WebAssembly, in the characters that
// `bytesOf` of instantiate.ts reads.

/** CRC-32 and Salsa20. */
export const KERNEL_MODULE =
  '+!5!G!A,+++,G0!4,!S+!4.!S!S!S,!S!4-!S!S,!S!4/!S!S!S!S+!4++-;,.!9!B!J1!A!9!A!C!F!M-,11.43-.,,/+++2X00!7!F!7^]++' +
  '0!G!H!5!A!D+21!J!9!F!=!:!M+12!G!5!@!G!5][+01!A!9!A!C!F!M-+3,/5!oM3!!q-,/!SK,l!T,s/kl!SK+K+K,!>;-:6K,l!T/sK,l!T' +
  'Ku!F/!SK+K+K,!>l!S;.0K,l!!)-!?l!D!EM/l!T!X?!>L0l!T!X?K+(+/+(7****++++++++++++(|(6/+l!d!X?L-K+l;!>L+.kK-K0t/kK-' +
  'K+(+/+K-l!e,!?(+/+K-l!!4,!?(+/+(|K-l!!P,!?(+/+K-l!!)-!?(+/+(|(|(|(6/+K-l;!>L-K+l;!>L+7,66.kK.l!!-,t/kK.K0!>(7+' +
  '+++++++++++++++(6/+K.l;!>L.7,66K,K/!?L.l+L,.kK,K.t/kK,l!!=!y?!>K+K,!>(+/+K,K-!>M/l!e,!?(+/+K/l!!4,!?(+/+(|K/l!' +
  '!P,!?(+/+K/l!!)-!?(+/+(|(|(|(6/+K,l;!>L,7,66l!!=!y?K.l!!=!y?!>l+;.66(<->!O,!S(7!9!L!D!5!9!L!D!5!9!L!D!5!9!L!D!' +
  '5L2l!T!t,(4-+L1l!X!t,(4-+L4l!\\!t,(4-+L5l!`!t,(4-+L>(7!B!8K^!B!8K^!B!8K^!B!8K^L6K-(4-+L/K-(4-/L7K.(<(7++++,+++-' +
  '+++.+++(!!+,L:(7]X!6!M]X!6!M]X!6!M]X!6!ML8l!d!t,(4-+L3l!h!t,(4-+L0l!l!t,(4-+L;l!p!t,(4-+L<(7!H!9K!?!H!9K!?!H!9' +
  'K!?!H!9K!?L9.kKBl5s/kK6K1K;K=K6K1(!!+,M1l2(!!(,(|K1lD(!!*,(|M;K6(!!+,M1l4(!!(,(|K1lB(!!*,(|M?K;(!!+,M1l8(!!(,(' +
  '|K1l>(!!*,(|M1K?(!!+,M6l=(!!(,(|K6l9(!!*,(|L6K8K/K4K<K8K/(!!+,M/l2(!!(,(|K/lD(!!*,(|M<K8(!!+,M/l4(!!(,(|K/lB(!' +
  '!*,(|M/K<(!!+,M4l8(!!(,(|K4l>(!!*,(|M8K/(!!+,M4l=(!!(,(|K4l9(!!*,(|L=K9K3K7K5K9K3(!!+,M3l2(!!(,(|K3lD(!!*,(|M3' +
  'K9(!!+,M4l4(!!(,(|K4lB(!!*,(|M7K3(!!+,M4l8(!!(,(|K4l>(!!*,(|M9K7(!!+,M4l=(!!(,(|K4l9(!!*,(|L@K3K/K1K2K0K:K>K2K' +
  '0(!!+,M/l2(!!(,(|K/lD(!!*,(|M/K2(!!+,M0l4(!!(,(|K0lB(!!*,(|M0K/(!!+,M1l8(!!(,(|K1l>(!!*,(|MAK0(!!+,M1l=(!!(,(|' +
  'K1l9(!!*,(|M2K3(!!+,M1l2(!!(,(|K1lD(!!*,(|M1K2(!!+,M3l4(!!(,(|K3lB(!!*,(|M4K1(!!+,M3l8(!!(,(|K3l>(!!*,(|M5K4(!' +
  '!+,L3K2K3l=(!!(,(|K3l9(!!*,(|L2K6K/K7K8K6K/(!!+,M/l2(!!(,(|K/lD(!!*,(|M/K6(!!+,M3l4(!!(,(|K3lB(!!*,(|M7K/(!!+,' +
  'M3l8(!!(,(|K3l>(!!*,(|M>K7(!!+,M3l=(!!(,(|K3l9(!!*,(|L6K=K;K0K9K=K;(!!+,M0l2(!!(,(|K0lD(!!*,(|M3K=(!!+,M0l4(!!' +
  '(,(|K0lB(!!*,(|M:K3(!!+,M0l8(!!(,(|K0l>(!!*,(|M=K:(!!+,M0l=(!!(,(|K0l9(!!*,(|L8K@K<K?KAK@K<(!!+,M0l2(!!(,(|K0l' +
  'D(!!*,(|M0K@(!!+,M9l4(!!(,(|K9lB(!!*,(|M;K0(!!+,M9l8(!!(,(|K9l>(!!*,(|M<K;(!!+,M9l=(!!(,(|K9l9(!!*,(|L9KBl,!>L' +
  'B7,66K,K+(+/+K2(7!9!L!D!5!9!L!D!5!9!L!D!5!9!L!D!5(!!+,M2K1l!T!t,(4-+(!!+,M1(8+,-.;<=>/012?@ABM?K4l!X!t,(4-+(!!' +
  '+,M4K5l!\\!t,(4-+(!!+,M5(8+,-.;<=>/012?@ABM@(8+,-./012;<=>?@AB(|(6/+K,K+(+/kK?K@(83456789:CDEFGHIJ(|(6/kK,K+(+/' +
  '!T,K2K1(83456CDEF789:GHIJM1K4K5(83456CDEF789:GHIJM2(8+,-./012;<=>?@AB(|(6/!T,K,K+(+/!!=,K1K2(83456789:CDEFGHIJ' +
  '(|(6/!!=,K,K+(+/;K>l!`!t,(4-+(!!+,M1K6(7!B!8K^!B!8K^!B!8K^!B!8K^(!!+,M2(8+,-.;<=>/012?@ABM4K/K-(4-+(!!+,M/K7K-' +
  '(4-/(!!+,M5(8+,-.;<=>/012?@ABM6(8+,-./012;<=>?@AB(|(6/;K,K+(+/{K4K6(83456789:CDEFGHIJ(|(6/{K,K+(+/!d,K1K2(8345' +
  '6CDEF789:GHIJM1K/K5(83456CDEF789:GHIJM/(8+,-./012;<=>?@AB(|(6/!d,K,K+(+/!!M,K1K/(83456789:CDEFGHIJ(|(6/!!M,K,K' +
  '+(+/KK:K.(<(7++++,+++-+++.+++(!!+,(!!+,M/K=(8+,-.;<=>/012?@ABM1K8(7]X!6!M]X!6!M]X!6!M]X!6!M(!!+,M2K3l!d!t,(4-+' +
  '(!!+,M3(8+,-.;<=>/012?@ABM4(8+,-./012;<=>?@AB(|(6/KK,K+(+/!4K1K4(83456789:CDEFGHIJ(|(6/!4K,K+(+/!t,K/K=(83456C' +
  'DEF789:GHIJM/K2K3(83456CDEF789:GHIJM1(8+,-./012;<=>?@AB(|(6/!t,K,K+(+/!!],K/K1(83456789:CDEFGHIJ(|(6/!!],K,K+(' +
  '+/[K0l!h!t,(4-+(!!+,M/K;l!l!t,(4-+(!!+,M0(8+,-.;<=>/012?@ABM1K<l!p!t,(4-+(!!+,M2K9(7!H!9K!?!H!9K!?!H!9K!?!H!9K' +
  '!?(!!+,M3(8+,-.;<=>/012?@ABM4(8+,-./012;<=>?@AB(|(6/[K,K+(+/!DK1K4(83456789:CDEFGHIJ(|(6/!DK,K+(+/!!-,K/K0(834' +
  '56CDEF789:GHIJM/K2K3(83456CDEF789:GHIJM0(8+,-./012;<=>?@AB(|(6/!!-,K,K+(+/!!m,K/K0(83456789:CDEFGHIJ(|(6/!!m,6' +
  '!V/,-!S.kK,l;!>M.K-x/kK,S-7M/lC!Jl-!Hl!TK!>S-+K/l;!Jl*,!El-!Hl!TS!>S-+K/l3!Jl*,!El-!Hl!T[!>S-+K/l*,!El-!Hl!Tc!' +
  '>S-+K,S-3M/lC!Jl-!Hl!Tk!?S-+K/l;!Jl*,!El-!Hl!T!!E+!>S-+K/l3!Jl*,!El-!Hl!T!!M+!>S-+K/l*,!El-!Hl!T!!U+!>S-+K,S-/' +
  'M/lC!Jl-!Hl!T!!]+!>S-+K/l;!Jl*,!El-!Hl!T!!e+!>S-+K/l3!Jl*,!El-!Hl!T!!m+!>S-+K/l*,!El-!Hl!T!!u+!>S-+K,S-+K+!GM+' +
  'lC!Jl-!Hl!T!T,!>S-+K+l;!Jl*,!El-!Hl!T!\\,!>S-+K+l*,!El-!Hl!T!l,!>S-+K+l3!Jl*,!El-!Hl!T!d,!>S-+!G!G!G!G!G!G!G!G!' +
  'G!G!G!G!G!G!GL+K.L,7,66.kK,l/!>M.K-x/kK,S-+K+!GM+lC!Jl-!Hl!TK!>S-+K+l;!Jl*,!El-!Hl!TS!>S-+K+l*,!El-!Hl!Tc!>S-+' +
  'K+l3!Jl*,!El-!Hl!T[!>S-+!G!G!GL+K.L,7,66.kK,K-t/kK,M.l,!>L,K.X++K+!Gl*,!El-!Hl!TK!>S-+K+l3!J!GL+7,66K+l!S!G6!!' +
  'W.,3!O(7++++++++++++++++K-(G+L..kK+l^!>K,x/kl!dC(+/+K+(+/+K.(|M.l!TD(+/+M1(yM2(9l!!MC(+/+K.l/(!!*,K1(yM3(9(|L1' +
  'K/L.l!TC(+/+K2(9l!!=C(+/+K3(9(|K0K1(8:;<=>?@ABCDEFGHIK4l!tC(+/+K2(9l!!]C(+/+K3(9(|M4(89:;<=>?@ABCDEFGHK5l!!-C(' +
  '+/+K2(9l!!mC(+/+K3(9(|M5(889:;<=>?@ABCDEFG(|(|(|L/K1L0K+l;!>L+7,66l!T!!-,K+K,K+!?M+!!y5++l!T!!-,l!T!!-,(+/+K.(' +
  '|(6/+l!d!!-,l!d!!-,(+/+K/(|(6/+l!t!!-,l!t!!-,(+/+K0(7++++++++++++++++(8:;<=>?@ABCDEFGHIK4(7++++++++++++++++(89' +
  ':;<=>?@ABCDEFGHK5(7++++++++++++++++(889:;<=>?@ABCDEFG(|(|(|(6/+l+l!T!!-,K+l!T!!-,!>;-6!!_-,0!S.kK+l!T-t/kK+L,l' +
  '+L..kK.l3s/kK,l,!JM-l!t!Z!!_!!j!R!GK-K,l,!EFL,K.l,!>L.7,66K+l-!Hl!TK!>K,a-+K+l,!>L+7,66l!T-L,.kK,l!TKt/kK,l-!H' +
  'M-l!TC!>S-+L+K-l!TK!>K+l*,!El-!Hl!TK!>S-+K+l3!J!Ga-+K,l,!>L,7,66l!TD(7::::::::::::::::(6/+.kK/l;t/kl+L..kK.l-t' +
  '/kK/K.l-!H!Hl-!Hl!TK!>S-+L,l,L+.kK+lKs/kK,l*,!El-!Hl!TK!>S-+K,l3!J!GL,K+l,!>L+7,66l+L+.kK+l/t/kK.l-!HK+!>l/!Hl' +
  '!TC!>K/!>K,K+l.!H!Je++K+l,!>L+7,66K.l,!>L.7,66K/l,!>L/7,666!y,,2!Sl!T!T/L2.kK+K0u/kK0l-!Hl!T!!=,!>S-+M.K2!>L/K' +
  '2l3!>L,l+L1.kK,l!T-!>M-K/x/kK,K,K2K1;,K-L,K1l/!>L17,66K,K/t/kl!T!!-,K,K/K,!?M-!!y5++l!T!!-,l!T!!-,K2K1;,K,l!T!' +
  '!-,K-!!y5++6K2K.l:!>l!D!E!>L2K0l,!>L07,666!-,/!Sl!T!T/L,.kK+K-u/kK,S-;K,l?!>K-l-!Hl!T!!=,!>M/S-+M.l?!?;+r/kK/l' +
  '+K.!?a-+6K,K.l:!>l!D!E!>L,K-l,!>L-7,666!3,.!Sl!T!T/L,.kK+K-u/kK-l-!Hl!T!!=,!>S-+L.K,K-l/!Hl!T!!],!>(+/+(6/+K,K' +
  ',l?!>K.l?!?;+a-;K,K.l:!>l!D!E!>L,K-l,!>L-7,666';

/** XOR of bursts. */
export const XOR_MODULE =
  '+!5!G!A,+++,5-!4-!S!S+!4,!S+-;,.!9!B!J1!A!9!A!C!F!M-,11./.,++2O/3!:!9!9!8!6!5!7!?+-1!G!H!F!9!5!A++.!D!5!8+,1!A' +
  '!9!A!C!F!M-+5!!n-._,,!Sl!T!T/L,.kK+K,v/kK,K,(+/+K,(+/!T!T3(|(6/+K,l;!>L,7,666!~,,2!Sl!T!T/L3.kK+K2u/kK2l-!Hl!T' +
  '!!=,!>S-+M1K,K,K1uFL0l+L-.kK-l;!>M.K0w/kK-K3!>M/K/(+/+K-l!T!t,!>(+/+(|(6/+K.L-7,66.kK-K0s/kK-K3!>M.K.X++K-l!T!' +
  't,!>X++!Ge++K-l,!>L-7,66K3K1l:!>l!D!E!>L3K2l,!>L27,666!a,,.!Sl!T!T/L-.kK+K.u/kK-l!T!T3!>M/l!T!t,T.+b.+K,l;q/kK' +
  '/l!\\!t,T.+b.36K-K.l-!Hl!T!!=,!>S-+l:!>l!D!E!>L-K.l,!>L.7,66l!T!T/L+.kK+K-t/kK+K+(+/+K+(+/!T!T3(|(6/+K+l;!>L+7,' +
  '666';

/** SM4. */
export const SM4_MODULE =
  '+!5!G!A,+++,5-!4,!S+!4-!S!S+-;,.!9!B!J1!A!9!A!C!F!M-,11./.,++2O.5!G!A_o!9!7!F!M!D!H+-5!G!A_p!B!7!F!M!D!H+,1!A!' +
  '9!A!C!F!M-+5!!(F.!wC-C!O,!SK+(+/+M-K-(8.-,+210/6543:987M-K+(+/;M.K.(8.-,+210/6543:987M.(8+,-.;<=>/012?@ABM0K+(' +
  '+/KM/K/(8.-,+210/6543:987M1K+(+/[M/K/(8.-,+210/6543:987M2(8+,-.;<=>/012?@ABM3(8+,-./012;<=>?@ABL/K0K3(83456789' +
  ':CDEFGHIJL0K-K.(83456CDEF789:GHIJM-K1K2(83456CDEF789:GHIJM.(8+,-./012;<=>?@ABL1K-K.(83456789:CDEFGHIJL-K+(+/kM' +
  '.K.(8.-,+210/6543:987M.K+(+/{M2K2(8.-,+210/6543:987M4(8+,-.;<=>/012?@ABM3K+(+/!4M2K2(8.-,+210/6543:987M5K+(+/!' +
  'DM2K2(8.-,+210/6543:987M6(8+,-.;<=>/012?@ABM7(8+,-./012;<=>?@ABL2K3K7(83456789:CDEFGHIJL3K.K4(83456CDEF789:GHI' +
  'JM.K5K6(83456CDEF789:GHIJM5(8+,-./012;<=>?@ABL4K.K5(83456789:CDEFGHIJL.l+L+.kK+lKt/kl!d!t,(+/+M;K0K1(|K-(|K+l-' +
  '!HMEl!d!u,!>(4-+M:(|M6l!!m!t,(+/+M<(y(9l!t!t,(+/+M5K6l/(!!*,K<(y(9(|M6K<(yL9K6l/(!!*,K<(yM=K9(|L>l!!M!t,(+/+M6' +
  'l!!-!t,(+/+M7K7K=(9l!!=!t,(+/+M8K9(9M?(|(9K>(|(9l!!]!t,(+/+M9K7K7K>(9K?(|(9K=(|(9(|l!T!u,(+/+M=(|M>K>K>(8.+,-2' +
  '/016345:789(|K>K>(8-.+,12/056349:78(|L?K;K1K-(|K/K>K>K>(8,-.+012/456389:7(|K?l-(!!(,K?lI(!!*,({(|(|M/(|KEl!h!u' +
  ',!>(4-+M>(|M?K<(y(9K5K?l/(!!*,K<(y(9(|M?K<(yL@K?l/(!!*,K<(yM?K@(|LAK;K3K4(|K.(|K:(|M:K<(y(9K5K:l/(!!*,K<(y(9(|' +
  'M:K<(yLBK:l/(!!*,K<(yM:KB(|LCK6K7K7K:(9K8KB(9MB(|(9KC(|(9K9K7K7KC(9KB(|(9K:(|(9(|K=(|M:K:K:(8.+,-2/016345:789(' +
  '|K:K:(8-.+,12/056349:78(|LBK;K4K.(|K2K:K:K:(8,-.+012/456389:7(|KBl-(!!(,KBlI(!!*,({(|(|M2(|K>(|M:K<(y(9K5K:l/(' +
  '!!*,K<(y(9(|M:K<(yL>K:l/(!!*,K<(yMBK>(|LCK6K7K7K?(9K8K@(9M:(|(9KA(|(9K9K7K7KA(9K:(|(9K?(|(9(|K=(|M:K:K:(8.+,-2' +
  '/016345:789(|K:K:(8-.+,12/056349:78(|L?K;K-K/(|K0K:K:K:(8,-.+012/456389:7(|K?l-(!!(,K?lI(!!*,({(|(|M0(|KEl!l!u' +
  ',!>(4-+M?(|M:K<(y(9K5K:l/(!!*,K<(y(9(|M:K<(yL@K:l/(!!*,K<(yM:K@(|LAK6K7K7K:(9K8K@(9M@(|(9KA(|(9K9K7K7KA(9K@(|(' +
  '9K:(|(9(|K=(|M:K:K:(8.+,-2/016345:789(|K:K:(8-.+,12/056349:78(|L@K;K/K0(|K1K:K:K:(8,-.+012/456389:7(|K@l-(!!(,' +
  'K@lI(!!*,({(|(|M1(|KEl!p!u,!>(4-+M@(|M:K<(y(9K5K:l/(!!*,K<(y(9(|M:K<(yLAK:l/(!!*,K<(yM:KA(|LDK6K7K7K:(9K8KA(9M' +
  'A(|(9KD(|(9K9K7K7KD(9KA(|(9K:(|(9(|K=(|M:K:K:(8.+,-2/016345:789(|K:K:(8-.+,12/056349:78(|LAK-K:K:K:(8,-.+012/4' +
  '56389:7(|KAl-(!!(,KAlI(!!*,({(|(|L-K6K7K7KB(9K8K>(9M:(|(9KC(|(9K9K7K7KC(9K:(|(9KB(|(9(|K=(|M:K:K:(8.+,-2/01634' +
  '5:789(|K:K:(8-.+,12/056349:78(|L>K;K.K2(|K3K:K:K:(8,-.+012/456389:7(|K>l-(!!(,K>lI(!!*,({(|(|M3(|K?(|M:K<(y(9K' +
  '5K:l/(!!*,K<(y(9(|M:K<(yL>K:l/(!!*,K<(yM:K>(|L?K6K7K7K:(9K8K>(9M>(|(9K?(|(9K9K7K7K?(9K>(|(9K:(|(9(|K=(|M:K:K:(' +
  '8.+,-2/016345:789(|K:K:(8-.+,12/056349:78(|L>K;K2K3(|K4K:K:K:(8,-.+012/456389:7(|K>l-(!!(,K>lI(!!*,({(|(|M4(|K' +
  '@(|M:K<(y(9K5K:l/(!!*,K<(y(9(|M5K<(yL:K5l/(!!*,K<(yM5K:(|L;K6K7K7K5(9K8K:(9M6(|(9K;(|(9K9K7K7K;(9K6(|(9K5(|(9(' +
  '|K=(|M5K5K5(8.+,-2/016345:789(|K5K5(8-.+,12/056349:78(|L6K.K5K5K5(8,-.+012/456389:7(|K6l-(!!(,K6lI(!!*,({(|(|L' +
  '.K+l/!>L+7,66K,K-K1(8+,-.;<=>/012?@ABM5K0K/(8+,-.;<=>/012?@ABM6(8+,-./012;<=>?@ABM7K7(8.-,+210/6543:987(6/+K,K' +
  '5K6(83456789:CDEFGHIJM5K5(8.-,+210/6543:987(6/;K,K-K1(83456CDEF789:GHIJM-K0K/(83456CDEF789:GHIJM/(8+,-./012;<=' +
  '>?@ABM0K0(8.-,+210/6543:987(6/KK,K-K/(83456789:CDEFGHIJM-K-(8.-,+210/6543:987(6/[K,K.K4(8+,-.;<=>/012?@ABM-K3K' +
  '2(8+,-.;<=>/012?@ABM/(8+,-./012;<=>?@ABM0K0(8.-,+210/6543:987(6/kK,K-K/(83456789:CDEFGHIJM-K-(8.-,+210/6543:98' +
  '7(6/{K,K.K4(83456CDEF789:GHIJM-K3K2(83456CDEF789:GHIJM.(8+,-./012;<=>?@ABM/K/(8.-,+210/6543:987(6/!4K,K-K.(834' +
  '56789:CDEFGHIJM-K-(8.-,+210/6543:987(6/!D6!!U--2!S,!Ol!T!t,(+/+L3l!T!T/L..kK+K/u/kl+L0l3K+K/!?M,K,l3uFL1l+L-.k' +
  'K-K1t/kK-K/!>l-!Hl!T!!=,!>S-+L,K-l.!Hl!T!!/,!>M2K.a-+K2K,a-/K.K3(6/!T!T3K0K,K,K0sFL0K.K,l:!>l!D!E!>L.K-l,!>L-7' +
  ',66l;L-.kK-K0s/kl+L,.kK,K1t/kK,l/!Hl!T!!-,!>K,l.!Hl!T!!/,!>S-+K-!>l;!?M2(+/+K2(+/!T!T3(|(6/+K,l,!>L,7,66l!T!!-' +
  ',l!T!!.,;+l+L,.kK,K1t/kK,l.!Hl!T!!/,!>M2S-/K-u/kK2S-+K-!>K,l/!Hl!T!!.,!>(+/+(6/!T!T36K,l,!>L,7,66K-l;!>L-7,66K' +
  '/l3!>L/7,666U,,!Sl!T!T/L,.kK+K,v/kK,K,l!d!T3!>;+K,l!T,!>L,7,666';

/** Triple DES. */
export const DES_MODULE =
  '+!5!G!A,+++,5-!4,!S+!4-!S!S+-;,.!9!B!J1!A!9!A!C!F!M-,11./.,++2O.5!8!9!Go!9!7!F!M!D!H+-5!8!9!Gp!B!7!F!M!D!H+,1!' +
  'A!9!A!C!F!M-+5!!UJ.!!VG-9!S/!RK+T.+M;m3!\\m*!U!!y![!!m!s!!=*+!WK;m*!U!!y![!!m!s!!=*+!Wm3!Z!XM;m;!\\m**!W!T!!m*j!' +
  'WK;m**!W!T!!m*j!Wm;!Z!XmK!^M;mK!\\!{L-K;!{M.K-l/!J!Gl!c!r!!9!!u+!EL/K.K/!G!!*K-K/l/!H!G!!*mK!Z!XM;mK!\\!{L-K;!{M' +
  '.K-l;!J!Gl**.!EL/K.K/!G!!*K-K/l;!H!G!!*mK!Z!XM;mK!\\!{M-K;!{M.l-!J!Gl!!0!!c!!I!m.!EM/l-!HK.!G!!*K-K/!G!!*mK!Z!X' +
  'M;mK!\\!{M-K;!{M.l3!J!Gl*!U!!y2!EM/l3!HK.!G!!*K-K/!G!!*mK!Z!XM;mK!\\!{L-K;!{M.K-l,!J!Gl!!R!~!!R!~0!EL/K.K/!G!!*K' +
  '-K/l,!H!G!!*mK!Z!XM=mK!\\!{L2K+T.3M;m3!\\m*!U!!y![!!m!s!!=*+!WK;m*!U!!y![!!m!s!!=*+!Wm3!Z!XM;m;!\\m**!W!T!!m*j!WK' +
  ';m**!W!T!!m*j!Wm;!Z!XmK!^M;mK!\\!{L-K;!{M.K-l/!J!Gl!c!r!!9!!u+!EL/K.K/!G!!*K-K/l/!H!G!!*mK!Z!XM;mK!\\!{L-K;!{M.K' +
  '-l;!J!Gl**.!EL/K.K/!G!!*K-K/l;!H!G!!*mK!Z!XM;mK!\\!{M-K;!{M.l-!J!Gl!!0!!c!!I!m.!EM/l-!HK.!G!!*K-K/!G!!*mK!Z!XM;' +
  'mK!\\!{M-K;!{M.l3!J!Gl*!U!!y2!EM/l3!HK.!G!!*K-K/!G!!*mK!Z!XM;mK!\\!{L-K;!{M.K-l,!J!Gl!!R!~!!R!~0!EL/K.K/!G!!*K-K' +
  '/l,!H!G!!*mK!Z!XM<mK!\\!{L3K+T.;M;m3!\\m*!U!!y![!!m!s!!=*+!WK;m*!U!!y![!!m!s!!=*+!Wm3!Z!XM;m;!\\m**!W!T!!m*j!WK;m' +
  '**!W!T!!m*j!Wm;!Z!XmK!^M;mK!\\!{L-K;!{M.K-l/!J!Gl!c!r!!9!!u+!EL/K.K/!G!!*K-K/l/!H!G!!*mK!Z!XM;mK!\\!{L-K;!{M.K-l' +
  ';!J!Gl**.!EL/K.K/!G!!*K-K/l;!H!G!!*mK!Z!XM;mK!\\!{M-K;!{M.l-!J!Gl!!0!!c!!I!m.!EM/l-!HK.!G!!*K-K/!G!!*mK!Z!XM;mK' +
  '!\\!{M-K;!{M.l3!J!Gl*!U!!y2!EM/l3!HK.!G!!*K-K/!G!!*mK!Z!XM;mK!\\!{L-K;!{M.K-l,!J!Gl!!R!~!!R!~0!EL/K.K/!G!!*K-K/l' +
  ',!H!G!!*mK!Z!XM;mK!\\!{L1K+T.CM>m3!\\m*!U!!y![!!m!s!!=*+!WK>m*!U!!y![!!m!s!!=*+!Wm3!Z!XM>m;!\\m**!W!T!!m*j!WK>m**' +
  '!W!T!!m*j!Wm;!Z!XmK!^M>mK!\\!{L+K>!{M-K+l/!J!Gl!c!r!!9!!u+!EL.K-K.!G!!*K+K.l/!H!G!!*mK!Z!XM>mK!\\!{L+K>!{M-K+l;!' +
  'J!Gl**.!EL.K-K.!G!!*K+K.l;!H!G!!*mK!Z!XM>mK!\\!{M+K>!{M-l-!J!Gl!!0!!c!!I!m.!EM.l-!HK-!G!!*K+K.!G!!*mK!Z!XM>mK!\\' +
  '!{M+K>!{M-l3!J!Gl*!U!!y2!EM.l3!HK-!G!!*K+K.!G!!*mK!Z!XM>mK!\\!{L+K>!{M-K+l,!J!Gl!!R!~!!R!~0!EL.K-K.!G!!*K+K.l,!' +
  'H!G!!*mK!Z!XM>mK!\\!{L0K=!{L+K<!{L/K;!{L.K>!{L-l!T!d-L8.kK8l!T!g-t/kK8L4.kK4K8l!T,!>t/kK4S-3M6K2K4S-/M5K+l,!K!G' +
  'M2l-!Hl!!y,!ES-!T!b-K4S-+M7K+l.!L!GM9l-!Hl!!y,!ES-!T!`-K2l1!Jl!!y,!ES-!T!^-K9l1!Jl!!y,!ES-!T!\\-K2l9!Jl!!y,!ES-' +
  '!T!Z-K9l9!Jl!!y,!ES-!T!X-K9lA!Jl!!y,!ES-!T!T-K2lA!Jl!!y,!ES-!T!V-!G!G!G!G!G!G!G!GM2l.!L!GL9K+K4S-7M:K2l,!K!GM+' +
  'l-!Hl!!y,!ES-!T!b-K9l-!Hl!!y,!ES-!T!`-K+l1!Jl!!y,!ES-!T!^-K9l1!Jl!!y,!ES-!T!\\-K+l9!Jl!!y,!ES-!T!Z-K9l9!Jl!!y,!' +
  'ES-!T!X-K9lA!Jl!!y,!ES-!T!T-K+lA!Jl!!y,!ES-!T!V-!G!G!G!G!G!G!G!GL+K6K3K5K/l,!K!GM3l-!Hl!!y,!ES-!T!b-K7K/l.!L!G' +
  'M9l-!Hl!!y,!ES-!T!`-K3l1!Jl!!y,!ES-!T!^-K9l1!Jl!!y,!ES-!T!\\-K3l9!Jl!!y,!ES-!T!Z-K9l9!Jl!!y,!ES-!T!X-K9lA!Jl!!y' +
  ',!ES-!T!T-K3lA!Jl!!y,!ES-!T!V-!G!G!G!G!G!G!G!GM3l.!L!GL9K/K:K3l,!K!GM/l-!Hl!!y,!ES-!T!b-K9l-!Hl!!y,!ES-!T!`-K/' +
  'l1!Jl!!y,!ES-!T!^-K9l1!Jl!!y,!ES-!T!\\-K/l9!Jl!!y,!ES-!T!Z-K9l9!Jl!!y,!ES-!T!X-K9lA!Jl!!y,!ES-!T!T-K/lA!Jl!!y,!' +
  'ES-!T!V-!G!G!G!G!G!G!G!GL/K6K1K5K.l,!K!GM1l-!Hl!!y,!ES-!T!b-K7K.l.!L!GM9l-!Hl!!y,!ES-!T!`-K1l1!Jl!!y,!ES-!T!^-' +
  'K9l1!Jl!!y,!ES-!T!\\-K1l9!Jl!!y,!ES-!T!Z-K9l9!Jl!!y,!ES-!T!X-K9lA!Jl!!y,!ES-!T!T-K1lA!Jl!!y,!ES-!T!V-!G!G!G!G!G' +
  '!G!G!GM1l.!L!GL9K.K:K1l,!K!GM.l-!Hl!!y,!ES-!T!b-K9l-!Hl!!y,!ES-!T!`-K.l1!Jl!!y,!ES-!T!^-K9l1!Jl!!y,!ES-!T!\\-K.' +
  'l9!Jl!!y,!ES-!T!Z-K9l9!Jl!!y,!ES-!T!X-K9lA!Jl!!y,!ES-!T!T-K.lA!Jl!!y,!ES-!T!V-!G!G!G!G!G!G!G!GL.K6K0K5K-l,!K!G' +
  'M0l-!Hl!!y,!ES-!T!b-K7K-l.!L!GM5l-!Hl!!y,!ES-!T!`-K0l1!Jl!!y,!ES-!T!^-K5l1!Jl!!y,!ES-!T!\\-K0l9!Jl!!y,!ES-!T!Z-' +
  'K5l9!Jl!!y,!ES-!T!X-K5lA!Jl!!y,!ES-!T!T-K0lA!Jl!!y,!ES-!T!V-!G!G!G!G!G!G!G!GM0l.!L!GL5K-K:K0l,!K!GM-l-!Hl!!y,!' +
  'ES-!T!b-K5l-!Hl!!y,!ES-!T!`-K-l1!Jl!!y,!ES-!T!^-K5l1!Jl!!y,!ES-!T!\\-K-l9!Jl!!y,!ES-!T!Z-K5l9!Jl!!y,!ES-!T!X-K5' +
  'lA!Jl!!y,!ES-!T!T-K-lA!Jl!!y,!ES-!T!V-!G!G!G!G!G!G!G!GL-K4l;!>L47,66K2K3L5K1L6K0L7K+L2K/L3K.L1K-L0L+K5L/K6L.K7' +
  'L-K8l!T,!>L87,66K+!!*K2!!*mK!Z!XM;mK!\\!{L+K;!{M2K+l,!J!Gl!!R!~!!R!~0!EL4K2K4!G!!*K+K4l,!H!G!!*mK!Z!XM;mK!\\!{M+' +
  'K;!{M2l3!J!Gl*!U!!y2!EM4l3!HK2!G!!*K+K4!G!!*mK!Z!XM;mK!\\!{M+K;!{M2l-!J!Gl!!0!!c!!I!m.!EM4l-!HK2!G!!*K+K4!G!!*m' +
  'K!Z!XM;mK!\\!{L+K;!{M2K+l;!J!Gl**.!EL4K2K4!G!!*K+K4l;!H!G!!*mK!Z!XM;mK!\\!{L+K;!{M2K+l/!J!Gl!c!r!!9!!u+!EL4K,K2K' +
  '4!G!!*K+K4l/!H!G!!*mK!Z!XM;m3!\\m*!U!!y![!!m!s!!=*+!WK;m*!U!!y![!!m!s!!=*+!Wm3!Z!XM;m;!\\m**!W!T!!m*j!WK;m**!W!T' +
  '!!m*j!Wm;!Z!XmK!^b.+K/!!*K3!!*mK!Z!XM;mK!\\!{L+K;!{M/K+l,!J!Gl!!R!~!!R!~0!EM2K/!G!!*K+K2l,!H!G!!*mK!Z!XM;mK!\\!{' +
  'M+K;!{M/l3!J!Gl*!U!!y2!EM2l3!HK/!G!!*K+K2!G!!*mK!Z!XM;mK!\\!{M+K;!{M/l-!J!Gl!!0!!c!!I!m.!EM2l-!HK/!G!!*K+K2!G!!' +
  '*mK!Z!XM;mK!\\!{L+K;!{M/K+l;!J!Gl**.!EM2K/!G!!*K+K2l;!H!G!!*mK!Z!XM;mK!\\!{L+K,K;!{M/K+l/!J!Gl!c!r!!9!!u+!EM2K/!' +
  'G!!*K+K2l/!H!G!!*mK!Z!XM;m3!\\m*!U!!y![!!m!s!!=*+!WK;m*!U!!y![!!m!s!!=*+!Wm3!Z!XM;m;!\\m**!W!T!!m*j!WK;m**!W!T!!' +
  'm*j!Wm;!Z!XmK!^b.3K.!!*K1!!*mK!Z!XM;mK!\\!{L+K;!{M.K+l,!J!Gl!!R!~!!R!~0!EM/K.!G!!*K+K/l,!H!G!!*mK!Z!XM;mK!\\!{M+' +
  'K;!{M.l3!J!Gl*!U!!y2!EM/l3!HK.!G!!*K+K/!G!!*mK!Z!XM;mK!\\!{M+K;!{M.l-!J!Gl!!0!!c!!I!m.!EM/l-!HK.!G!!*K+K/!G!!*m' +
  'K!Z!XM;mK!\\!{L+K;!{M.K+l;!J!Gl**.!EM/K.!G!!*K+K/l;!H!G!!*mK!Z!XM;mK!\\!{L+K,K;!{M.K+l/!J!Gl!c!r!!9!!u+!EM/K.!G!' +
  '!*K+K/l/!H!G!!*mK!Z!XM;m3!\\m*!U!!y![!!m!s!!=*+!WK;m*!U!!y![!!m!s!!=*+!Wm3!Z!XM;m;!\\m**!W!T!!m*j!WK;m**!W!T!!m*' +
  'j!Wm;!Z!XmK!^b.;K-!!*K0!!*mK!Z!XM;mK!\\!{L+K;!{M-K+l,!J!Gl!!R!~!!R!~0!EM.K-!G!!*K+K.l,!H!G!!*mK!Z!XM;mK!\\!{M+K;' +
  '!{M-l3!J!Gl*!U!!y2!EM.l3!HK-!G!!*K+K.!G!!*mK!Z!XM;mK!\\!{M+K;!{M-l-!J!Gl!!0!!c!!I!m.!EM.l-!HK-!G!!*K+K.!G!!*mK!' +
  'Z!XM;mK!\\!{L+K;!{M-K+l;!J!Gl**.!EM.K-!G!!*K+K.l;!H!G!!*mK!Z!XM;mK!\\!{L+K,K;!{M,K+l/!J!Gl!c!r!!9!!u+!EM-K,!G!!*' +
  'K+K-l/!H!G!!*mK!Z!XM;m3!\\m*!U!!y![!!m!s!!=*+!WK;m*!U!!y![!!m!s!!=*+!Wm3!Z!XM;m;!\\m**!W!T!!m*j!WK;m**!W!T!!m*j!' +
  'Wm;!Z!XmK!^b.C6!!M--3!S,!Rl!T!t,T.+L4l!T!T/L..kK+K/u/kl+L0l/K+K/!?M,K,l/uFL1l+L,.kK,K1t/kK,K/!>l-!Hl!T!!=,!>S-' +
  '+L-K,l.!Hl!!=!!-,!>M2K.a-+K2K-a-/K.K4b.!T!T3K0K-K-K0sFL0K.K-l:!>l!D!E!>L.K,l,!>L,7,66l3L,.kK,K0s/kl+L-.kK-K1t/' +
  'kK-l.!HM2l!!=!!-,!>S-+K,!>l3!?L3K2l!T!!-,!>K3T.+K3T.!T!T3!Yb.+K-l,!>L-7,66l!T!!-,l!t!!-,;+l+L-.kK-K1t/kK-l.!HM' +
  '2l!!=!!-,!>M3S-/K,u/kK3S-+K,!>K2l!t!!-,!>T.+b.!T!T36K-l,!>L-7,66K,l3!>L,7,66K/l/!>L/7,666T,,!Sl!T!T/L,.kK+K,v/' +
  'kK,K,l!\\!T3!>;+K,lK!>L,7,666';

/** AES-GCM, but for AES. */
export const GCM_MODULE =
  '+!5!G!A,+++,@/!4,!S+!4++!4-!S!S+!4/!S!S!S!S,!S-;,.!9!B!J1!A!9!A!C!F!M-,11.43+,-.++++2c04!;!7!Ay!C!B!7!9!G+16!;' +
  '!7!An!C!I!B!H!9!F!G+22!;!7!A~!9!5!@+/2!;!7!Az!D!9!B+01!A!9!A!C!F!M-+5!!lJ3!`/-.!S4!O.kK-l;t/kK-l0!Hl!T!!uA!>M,' +
  'K-l/!Hl!T!!sA!>(+/+M/l/(!A(6/+K,K/(7::::::::::::::::(y(6/;K-l,!>L-7,66l+L-.kK-l!T-t/k(7++++++++++++++++L/(7+++' +
  '+++++++++++++L0(7++++++++++++++++L1(7++++++++++++++++L2(7++++++++++++++++L3(7++++++++++++++++L4(7+++++++++++++' +
  '+++L5(7++++++++++++++++L6K+K-!>L,l!T!!uAL..kK.l!T!!yAt/kK/K,(+/+K.(+/+M7(9(|L/K0K,(+/;K7(9(|L0K1K,(+/KK7(9(|L1' +
  'K2K,(+/[K7(9(|L2K3K,(+/kK7(9(|L3K4K,(+/{K7(9(|L4K5K,(+/!4K7(9(|L5K6K,(+/!DK7(9(|L6K,l!T-!>L,K.l;!>L.7,66K-l!T!' +
  '!sA!>M,K/(6/+K,K0(6/;K,K1(6/KK,K2(6/[K,K3(6/kK,K4(6/{K,K5(6/!4K,K6(6/!DK-l!T,!>L-7,666!!S4-C!O-!Sl!T!!nAl!T!!m' +
  'AS-+MDKDl!!=!!mAS-+sF(+/+L;l!T!!nAl!X!!mAS-+MDKDl!!A!!mAS-+sF(+/+L+l!T!!nAl!\\!!mAS-+MDKDl!!E!!mAS-+sF(+/+L,l!T' +
  '!!nAl!`!!mAS-+MDKDl!!I!!mAS-+sF(+/+L-l!T!!nAl!d!!mAS-+MDKDl!!M!!mAS-+sF(+/+L.l!T!!nAl!h!!mAS-+MDKDl!!Q!!mAS-+s' +
  'F(+/+L/l!T!!nAl!l!!mAS-+MDKDl!!U!!mAS-+sF(+/+L0l!T!!nAl!p!!mAS-+MDKDl!!Y!!mAS-+sF(+/+L1l!T!!nAl!t!!mAS-+MDKDl!' +
  '!]!!mAS-+sF(+/+L2l!T!!nAl!x!!mAS-+MDKDl!!a!!mAS-+sF(+/+L<l!T!!nAl!|!!mAS-+MDKDl!!e!!mAS-+sF(+/+L=l!T!!nAl!!)!!' +
  'mAS-+MDKDl!!i!!mAS-+sF(+/+L>l!T!!nAl!!-!!mAS-+MDKDl!!m!!mAS-+sF(+/+L?l!T!!nAl!!1!!mAS-+MDKDl!!q!!mAS-+sF(+/+L@' +
  'l!T!!nAl!!5!!mAS-+MDKDl!!u!!mAS-+sF(+/+LAl!T!!nAl!!9!!mAS-+MDKDl!!y!!mAS-+sF(+/+LB.kKCl/s/kK;K2(83C4D5E6F7G8H9' +
  'I:JK+K<(8+;,<-=.>/?0@1A2BL4K+K<(83C4D5E6F7G8H9I:JL5K,K=(8+;,<-=.>/?0@1A2BL6K,K=(83C4D5E6F7G8H9I:JL7K-K>(8+;,<-' +
  '=.>/?0@1A2BL8K-K>(83C4D5E6F7G8H9I:JL9K.K?(8+;,<-=.>/?0@1A2BL:K.K?(83C4D5E6F7G8H9I:JL<K/K@(8+;,<-=.>/?0@1A2BL=K' +
  '/K@(83C4D5E6F7G8H9I:JL>K0KA(8+;,<-=.>/?0@1A2BL?K0KA(83C4D5E6F7G8H9I:JL@K1KB(8+;,<-=.>/?0@1A2BLAK1KB(83C4D5E6F7' +
  'G8H9I:JLBK;K2(8+;,<-=.>/?0@1A2BL;L+K4L,K5L-K6L.K7L/K8L0K9L1K:L2KCl,!>LC7,66l!T!!sAl!T!!sA(+/+K;(|(6/+l!d!!sAl!' +
  'd!!sA(+/+K+(|(6/+l!t!!sAl!t!!sA(+/+K,(|(6/+l!!-!!sAl!!-!!sA(+/+K-(|(6/+l!!=!!sAl!!=!!sA(+/+K.(|(6/+l!!M!!sAl!!' +
  'M!!sA(+/+K/(|(6/+l!!]!!sAl!!]!!sA(+/+K0(|(6/+l!!m!!sAl!!m!!sA(+/+K1(|(6/+l!T!!tAl!T!!tA(+/+K2(|(6/+l!d!!tAl!d!' +
  '!tA(+/+K<(|(6/+l!t!!tAl!t!!tA(+/+K=(|(6/+l!!-!!tAl!!-!!tA(+/+K>(|(6/+l!!=!!tAl!!=!!tA(+/+K?(|(6/+l!!M!!tAl!!M!' +
  '!tA(+/+K@(|(6/+l!!]!!tAl!!]!!tA(+/+KA(|(6/+l!!m!!tAl!!m!!tA(+/+KB(|(6/+6b,-!Sl!T!T/L-.kK+K.u/kK-K.l;K+K.!?M-K-' +
  'l;yFK,;.L-K.l;!>L.7,666!!u8.C!O4!S,!RK-l3u/!Sl+0K-l/u/!Sl,0K-l-u/!Sl-0l.l/K-l,uF666LHK,l-!Hl!T!!=,!>LKl+L,.kK,' +
  'K-t/kKIl,KH!HKKK,l-!H!>S-+l8!?l/!I!>KH!IMJKIKJuFLIK,l,!>L,7,66K+L,.kK-KGu/kK,l7!>LMKGl/!HMJl!T!!qA!>KKKGl-!H!>' +
  'S-+MLK,!>l;!?MN(+/+(6/+KN(7++++++++++++++++(6/+KJl!T!!oA!>MJm+b.+KJKLlG!?!!)m.!ZMPm3!\\m*!U!!y![!!m!s!!=*+!WKPm' +
  '*!U!!y![!!m!s!!=*+!Wm3!Z!XMPm;!\\m**!W!T!!m*j!WKPm**!W!T!!m*j!Wm;!Z!XmK!^b.3KIKH!HKLl8!?l/!Il,!>!?LOl+LJ.kKJl,K' +
  'H!Hs/kKGKH!HKJ!>l-!HMNl!T!!mA!>KMKJKO!?l/!H!>a-+KNl!!=!!mA!>KMa-+KJl,!>LJ7,66K,KLl:!>l!D!E!>L,KGl,!>LG7,66K-KH' +
  '!HL,.kK,l;s/kK,l-!HMGl!T!!mA!>l+a-+KGl!!=!!mA!>l****2a-+K,l,!>L,7,66l+L,.kK,l!T-t/kK,l!T!!sA!>(7++++++++++++++' +
  '++(6/+K,l;!>L,7,66KHl8!Hl!T!!-?!>LG.kKIl,!?MIl+u/k;,KG;+l;KH!H(<L/l!T!!mAL,.kK,l!!=!!mAt/kK,K,(+/+K/(!!+,(6/+K' +
  ',l;!>L,7,667,66l+L,.kK,K-s/kK,KH!Hl,KH!H!>l,!?l-!HMGl!T!!mA!>K,l/!Hl!T!!oA!>MIa-+KGl!!=!!mA!>KIa-+K,l,!>L,7,66' +
  ';,KHl,!?L,.kK,l+y/kl+LG.kKGl!T-t/kKGl!T!!yA!>KGl!T!!sA!>(+/+(6/+KGl;!>LG7,66K,l8!Hl!T!!-?!>;+(7+,-./0123456789' +
  ':l,K,!H(:(!EL/l+LG.kKGl!T-t/kKGl!T!!sA!>MIKGl!T!!yA!>(+/+KI(+/+K/(9(|(6/+KGl;!>LG7,66K,l,!?L,7,66l!T!!-?;+l+L,' +
  'l!T!!sA(+/+L?l!d!!sA(+/+L/l!t!!sA(+/+L0l!!-!!sA(+/+L1l!!=!!sA(+/+L2l!!M!!sA(+/+L3l!!]!!sA(+/+L4l!!m!!sA(+/+L5l' +
  '!T!!tA(+/+L6l!d!!tA(+/+L@l!t!!tA(+/+LAl!!-!!tA(+/+LBl!!=!!tA(+/+LCl!!M!!tA(+/+LDl!!]!!tA(+/+LEl!!m!!tA(+/+LF.k' +
  'K,l/s/kK?K6(83C4D5E6F7G8H9I:JK/K@(8+;,<-=.>/?0@1A2BL8K/K@(83C4D5E6F7G8H9I:JL9K0KA(8+;,<-=.>/?0@1A2BL:K0KA(83C4' +
  'D5E6F7G8H9I:JL;K1KB(8+;,<-=.>/?0@1A2BL<K1KB(83C4D5E6F7G8H9I:JL=K2KC(8+;,<-=.>/?0@1A2BL>K2KC(83C4D5E6F7G8H9I:JL' +
  '@K3KD(8+;,<-=.>/?0@1A2BLAK3KD(83C4D5E6F7G8H9I:JLBK4KE(8+;,<-=.>/?0@1A2BLCK4KE(83C4D5E6F7G8H9I:JLDK5KF(8+;,<-=.' +
  '>/?0@1A2BLEK5KF(83C4D5E6F7G8H9I:JLFK?K6(8+;,<-=.>/?0@1A2BL?L/K8L0K9L1K:L2K;L3K<L4K=L5K>L6K,l,!>L,7,66l!T!!sAK?' +
  '(6/+l!d!!sAK/(6/+l!t!!sAK0(6/+l!!-!!sAK1(6/+l!!=!!sAK2(6/+l!!M!!sAK3(6/+l!!]!!sAK4(6/+l!!m!!sAK5(6/+l!T!!tAK6(' +
  '6/+l!d!!tAK@(6/+l!t!!tAKA(6/+l!!-!!tAKB(6/+l!!=!!tAKC(6/+l!!M!!tAKD(6/+l!!]!!tAKE(6/+l!!m!!tAKF(6/+K+L,l+L+.kK' +
  '+K-s/kKKK+l-!H!>MGS-+LIK+KH!Hl,KH!H!>l/!Hl!!m!!rA!>(+/+K,(+/!T!T3(|L/K./kK,KI!>l;!?K/(6/+0K/K+l/!Hl!T!!qA!>(+/' +
  '+(|(~/kKGl+KI!?a-+66K,KIl:!>l!D!E!>L,K+l,!>L+7,66K,6!M,0!Sl!T!T/L-.kK+K.u/kK.l-!Hl!T!!=,!>S-+M/K-!>l;!?L0K-l7!' +
  '>L,.kK,K0t/kK,K,(+/+K,(+/!X!T3(|(6/+K,l;!>L,7,66K-K/l:!>l!D!E!>L-K.l,!>L.7,66K+l,;-6!`,,0!SK+l+;-l!T!T/L-.kK+K' +
  '.u/kK.l-!Hl!T!!=,!>S-+M/l+u/kK-K/!>l;!?L0K-l7!>L,.kK,K0t/kK,K,(+/+K,(+/!X!T3(|(6/+K,l;!>L,7,666K-K/lJ!IM,K/!>K' +
  ',!Gl:!>l!D!E!>L-K.l,!>L.7,666s,-!Sl!T!T/L-.kK+K,u/kK-K,l7!@l!T!!],!>l7!!y5++K-K,l-!Hl!T!!=,!>S-+l:!>l!D!E!>L-K' +
  ',l,!>L,7,666!W,-/!S,!Ol!T!T/L,.kK+K.u/kK,K.l-!Hl!T!!=,!>S-+l:!>l!D!E!>L/K,(+/+L0l,L-.kK,K/t/kK,K0K-l!T)!W!L!El' +
  '3!KK-l*!U!!y2!El3!L!F(G.(6/!T!T3K-l,!>L-K,l;!>L,7,66K.l,!>L.7,666';

/** The Reed-Solomon code with relaxed SIMD; fec/kernel.ts makes the module without. */
export const FEC_MODULE_RELAXED =
  '+!5!G!A,+++,6-!4/!S!S!S!S+!4++.10,++++0/,,222e04!A!I!@!H!=!D!@!M\\+/4!A!I!@!H!=!D!@!M]+.4!A!I!@!H!=!D!@!M^+-4!A' +
  '!I!@!H!=!D!@!M_+,1!A!9!A!C!F!M-+3,+5!y>0!!+,,1!Sl!T[(7::::::::::::::::(6/+.kK,l!T-t/kK,L+l+L0.kK0l3t/kK,l0!Hl!' +
  'Tk!?K0l/!El-!H!>L.l,K0l.!E!HL-l+L/.kK-K/v/kK-K.!>K/!>K.K/!>X++K+!Ge++K/l,!>L/7,66K+l,!Hl!q-l+K+l!T,!EF!GL+K0l,' +
  '!>L07,66K,l,!>L,7,666!!R0-/!S:!Ol!TKL0.kK,K1v/kl+L/.kK/l/t/kK0K+K,K/!@!>K1!>X++l0!Hf,+K0l-!>L0K/l,!>L/7,66K1l,' +
  '!>L17,66K.lj!>lk!El!!=+!FL1l!T[(+/+L3K,l.!Hl!TK!>L,l+L/.kK.K/v/k(7++++++++++++++++L4(7++++++++++++++++L5(7++++' +
  '++++++++++++L6(7++++++++++++++++L7(7++++++++++++++++L8(7++++++++++++++++L9(7++++++++++++++++L:(7++++++++++++++' +
  '++L;K/l!T!T-!>L0l!TKL+.kK+K,t/kK4K+Z,+M2(+/!TkM=K0(+/+M4K3(yM>(!T-K2(+/!dkM?K4l/(!a,K3(yM<(!T-(|(|L4K5K=K0(+/;' +
  'M5K3(yM=(!T-K?K5l/(!a,K3(yM?(!T-(|(|L5K6K+Z,-M2(+/!TkM@K>(!T-K2(+/!dkMAK<(!T-(|(|L6K7K@K=(!T-KAK?(!T-(|(|L7K8K' +
  '+Z,/M2(+/!TkM@K>(!T-K2(+/!dkMAK<(!T-(|(|L8K9K@K=(!T-KAK?(!T-(|(|L9K:K+Z,1M2(+/!TkM@K>(!T-K2(+/!dkM>K<(!T-(|(|L' +
  ':K;K@K=(!T-K>K?(!T-(|(|L;K0K1!>L0K+l3!>L+7,66K-K/!>M+K4(6/+K+K5(6/;K+K1!>M+K6(6/+K+K7(6/;K+K1!>M+K8(6/+K+K9(6/' +
  ';K+K1!>M+K:(6/+K+K;(6/;K/lK!>L/7,666!!V/-/!S8!Ol!TKL0.kK,K1v/kl+L/.kK/l.t/kK0K+K,K/!@!>K1!>X++l0!Hf,+K0l-!>L0K' +
  '/l,!>L/7,66K1l,!>L17,66K.lj!>lk!El!!=+!FL1l!T[(+/+L3K,l1!@l!TK!>L,l+L/.kK.K/v/k(7++++++++++++++++L4(7+++++++++' +
  '+++++++L5(7++++++++++++++++L6(7++++++++++++++++L7(7++++++++++++++++L8(7++++++++++++++++L9K/l!T!T-!>L0l!TKL+.kK' +
  '+K,t/kK4K+Z,+M2(+/!TkM;K0(+/+M4K3(yM<(!T-K2(+/!dkM=K4l/(!a,K3(yM:(!T-(|(|L4K5K;K0(+/;M5K3(yM>(!T-K=K5l/(!a,K3(' +
  'yM=(!T-(|(|L5K6K+Z,-M2(+/!TkM?K<(!T-K2(+/!dkM;K:(!T-(|(|L6K7K?K>(!T-K;K=(!T-(|(|L7K8K+Z,/M2(+/!TkM;K<(!T-K2(+/' +
  '!dkM<K:(!T-(|(|L8K9K;K>(!T-K<K=(!T-(|(|L9K0K1!>L0K+l1!>L+7,66K-K/!>M+K4(6/+K+K5(6/;K+K1!>M+K6(6/+K+K7(6/;K+K1!' +
  '>M+K8(6/+K+K9(6/;K/lK!>L/7,666!!Z.-/!S5!Ol!TKL0.kK,K1v/kl+L/.kK/l-t/kK0K+K,K/!@!>K1!>X++l0!Hf,+K0l-!>L0K/l,!>L' +
  '/7,66K1l,!>L17,66K.lj!>lk!El!!=+!FL1l!T[(+/+L3K,l-!Hl!TK!>L,l+L/.kK.K/v/k(7++++++++++++++++L4(7+++++++++++++++' +
  '+L5(7++++++++++++++++L6(7++++++++++++++++L7K/l!T!T-!>L0l!TKL+.kK+K,t/kK4K+Z,+M2(+/!TkM9K0(+/+M4K3(yM:(!T-K2(+/' +
  '!dkM;K4l/(!a,K3(yM8(!T-(|(|L4K5K9K0(+/;M5K3(yM<(!T-K;K5l/(!a,K3(yM;(!T-(|(|L5K6K+Z,-M2(+/!TkM9K:(!T-K2(+/!dkM:' +
  'K8(!T-(|(|L6K7K9K<(!T-K:K;(!T-(|(|L7K0K1!>L0K+l/!>L+7,66K-K/!>M+K4(6/+K+K5(6/;K+K1!>M+K6(6/+K+K7(6/;K/lK!>L/7,' +
  '666!!^.-/!S2!Ol!TKL0.kK,K1v/kl+L/.kK/p/kK0K+K,K/!@!>K1!>X++l0!Hf,+K0l-!>L0K/l,!>L/7,66K1l,!>L17,66K.lj!>lk!El!' +
  '!=+!FL1l!T[(+/+L3K,l,!Hl!TK!>L2l+L+.kK+K.t/k(7++++++++++++++++L4(7++++++++++++++++L5(7++++++++++++++++L6(7++++' +
  '++++++++++++L7K+l!T!T-!>L,l!TKL/.kK/K2t/kK4K/Z,+M0(+/!TkM8K,(+/+M4K3(y(!T-K0(+/!dkM9K4l/(!a,K3(y(!T-(|(|L4K5K8' +
  'K,(+/;M5K3(y(!T-K9K5l/(!a,K3(y(!T-(|(|L5K6K8K,(+/KM6K3(y(!T-K9K6l/(!a,K3(y(!T-(|(|L6K7K8K,(+/[M7K3(y(!T-K9K7l/' +
  '(!a,K3(y(!T-(|(|L7K,K1!>L,K/l-!>L/7,66K+K-!>M,K4(6/+K,K5(6/;K,K6(6/KK,K7(6/[K+lk!?L+7,666';
