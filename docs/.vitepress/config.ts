// The documentation site: npm run docs:site. The pages are docs/*.md; the API reference is TypeDoc's, under /api/.

import { defineConfig } from 'vitepress';

const page = (text: string, name: string): { text: string; link: string } => ({ text, link: `/${name}` });

export default defineConfig({
  title: 'rxkcp',
  description: 'Reliable UDP as Observables: KCP for RxJS, wire-compatible with kcp-go',
  lang: 'en-US',
  srcExclude: ['api/**'],
  cleanUrls: false,
  lastUpdated: false,
  // The API reference is put there after the build.
  ignoreDeadLinks: [/^\/api\//],
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: 'https://github.com/rxkcp/rxkcp' }],
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/sessions' },
      { text: 'API', link: '/api/index.html', target: '_self' },
      { text: 'Examples', link: 'https://github.com/rxkcp/rxkcp/blob/main/examples/README.md' },
    ],
    sidebar: [
      {
        text: 'Start',
        items: [
          page('Concepts', 'concepts'),
          page('Sessions', 'sessions'),
          page('Streams, frames and RPC', 'streams'),
          page('Errors', 'errors'),
        ],
      },
      {
        text: 'Coming from',
        items: [
          page('webSocket() of RxJS', 'web-socket'),
          page('kcp-go', 'kcp-go'),
          page('kcptun: the tunnel', 'tunnel'),
        ],
      },
      {
        text: 'The network',
        items: [
          page('Tuning', 'tuning'),
          page('Congestion control', 'congestion'),
          page('Forward error correction', 'fec'),
          page('Encryption', 'encryption'),
          page('Security', 'security'),
          page('Games', 'games'),
        ],
      },
      {
        text: 'Composing',
        items: [
          page('Layers', 'layers'),
          page('Transports', 'composing'),
          page('Many streams: mux', 'mux'),
          page('Sessions that survive: resume', 'resume'),
          page('Adapters', 'adapters'),
        ],
      },
      {
        text: 'Testing',
        items: [
          page('Marble-testing your protocol', 'marble-testing'),
          page('Flows that share a path', 'shared-lines'),
        ],
      },
      {
        text: 'Running',
        items: [
          page('Deployment', 'deployment'),
          page('Several cores', 'multi-core'),
          page('Native addon', 'native'),
          page('Platforms', 'platforms'),
          page('Bundling', 'bundling'),
          page('Browsers', 'browser'),
        ],
      },
      { text: 'Contributing', items: [page('Architecture', 'architecture')] },
    ],
  },
});
