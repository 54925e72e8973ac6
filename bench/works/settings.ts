// Flags of both ends in kcp-go's own benchmarks (sess_test.go, dialSink, handleSink).

export const BENCHMARK_SETTINGS = [
  '--stream=true',
  '--sndwnd=1024',
  '--rcvwnd=1024',
  '--nodelay=1,10,2,1',
  '--mtu=1400',
  '--sockbuf=4194304',
  '--sha=false',
] as const;
