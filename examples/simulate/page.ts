// The page: all of it in one file, with nothing to be fetched.

import { closeUp, delays, type Figure, roundTrips, wholeSequence, windows } from './charts.ts';
import { historyOf } from './history.ts';
import type { Run } from './run.ts';
import { settingName } from './setting.ts';
import { ms, networkInWords, PERCENTILES, percentile, scenarioInWords } from './words.ts';

/**
 * Colours that are told apart with any kind of colour vision (Okabe & Ito, https://jfly.uni-koeln.de/color/), and
 * brighter ones of the same hues for a dark page.
 */
const PALETTE = {
  light: {
    ...{ paper: '#ffffff', ink: '#1b1f24', faint: '#6a737d', rule: '#d8dee4' },
    ...{ sent: '#7b838c', acked: '#dde2e8', delivered: '#1b1f24', lost: '#c2410c', recovered: '#00805c' },
    ...{ fast: '#0072b2', early: '#56b4e9', timeout: '#e69f00', one: '#0072b2', two: '#c2410c' },
  },
  dark: {
    ...{ paper: '#14171b', ink: '#e6e9ec', faint: '#98a2ad', rule: '#333a42' },
    ...{ sent: '#a3abb4', acked: '#343b44', delivered: '#f2f4f6', lost: '#ff8552', recovered: '#35d6a4' },
    ...{ fast: '#4aa8ff', early: '#a6dcff', timeout: '#ffc247', one: '#4aa8ff', two: '#ff8552' },
  },
} as const;

/** The page about `run`, compared with `other`. */
export function page(run: Run, other: Run | undefined): string {
  const runs = other === undefined ? [run] : [run, other];
  const history = historyOf(run);
  const closer = closeUp(run, history);
  const title = `${settingName(run.setting)}: ${networkInWords(run.scenario)}`;
  const sections = [
    section('Delay of messages', 'Read at 99 %: of 100 messages 99 took no longer than that.', delays(runs)),
    table(runs),
    section(
      'What became of each segment',
      `The left end sends; a sign stands where something happened. ${settingName(run.setting)}.`,
      wholeSequence(run, history),
    ),
    closer && section('Closer: around the segment that took longest', '', closer),
    section('Windows of the sender', '', windows(run)),
    section('Round-trip time and retransmission timeout', '', roundTrips(run)),
  ];
  const against = other ? ` <small>against ${escaped(settingName(other.setting))}</small>` : '';
  return pageOf(title, `${escaped(settingName(run.setting))}${against}`, [
    `<p>${escaped(scenarioInWords(run.scenario))}</p>`,
    ...sections.filter((one) => one !== undefined),
    '<footer>rxkcp, in virtual time. Hold the pointer over a sign to read it. The same flags give the same page.</footer>',
  ]);
}

/** A page of such parts. `heading` and parts are HTML, `title` is text. */
export function pageOf(title: string, heading: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${heading}</h1>
${parts.join('\n')}
</body>
</html>
`;
}

/** A diagram with its heading and its legend. */
export function section(heading: string, explanation: string, { svg, keys }: Figure): string {
  const legend = keys.map(({ icon, words }) => `<span>${icon}${escaped(words)}</span>`).join('');
  return `<section>
<h2>${escaped(heading)}</h2>
${explanation === '' ? '' : `<p>${escaped(explanation)}</p>`}
<div class="legend">${legend}</div>
<div class="diagram">${svg}</div>
</section>`;
}

/** A row of the table: its name, and its value for a run. */
const ROWS: readonly (readonly [string, (run: Run) => string])[] = [
  ...PERCENTILES.map((share) => [`${share} % of messages within`, (run: Run) => ms(percentile(run, share))] as const),
  ['the slowest', (run) => ms(percentile(run, 100))],
  ['messages delivered', ({ deliveries, sent }) => `${deliveries.length} of ${sent}`],
  ['sent again: fast', ({ retransmissions }) => `${retransmissions.fast}`],
  ['sent again: early', ({ retransmissions }) => `${retransmissions.early}`],
  ['sent again: timeout', ({ retransmissions }) => `${retransmissions.timeout}`],
  ['packets rebuilt by FEC', ({ setting, recovered }) => (setting.fec === undefined ? '–' : `${recovered}`)],
  ['bytes on the wire, both ways, for each byte of messages', ({ overhead }) => overhead.toFixed(2)],
];

function table(runs: readonly Run[]): string {
  const head = runs.map(({ setting }) => `<th>${escaped(settingName(setting))}</th>`).join('');
  const rows = ROWS.map(([name, value]) => {
    return `<tr><th>${escaped(name)}</th>${runs.map((run) => `<td>${escaped(value(run))}</td>`).join('')}</tr>`;
  });
  const failures = runs.flatMap(({ setting, failure }) =>
    failure === undefined ? [] : [`<p class="failure">${escaped(`${settingName(setting)}: ${failure}.`)}</p>`],
  );
  return `<section>
${failures.join('\n')}
<table><thead><tr><th></th>${head}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>
</section>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const variables = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(' ');

const STYLE = `
:root { color-scheme: light dark; ${variables(PALETTE.light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(PALETTE.dark)} } }
body { max-width: 1120px; margin: 2rem auto; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.6rem; margin-bottom: 0; }
h1 small { font-weight: normal; color: var(--faint); }
h2 { font-size: 1.15rem; margin: 2.5rem 0 0; }
p { margin: .25rem 0; color: var(--faint); }
.failure { color: var(--lost); font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; margin: .5rem 0; font-size: 13px; }
.legend span { display: inline-flex; align-items: center; gap: .35rem; }
.legend svg { flex: none; max-width: none; }
.diagram { overflow-x: auto; }
.diagram svg { font-size: 12px; }
.diagram svg [aria-label$="grid"] { stroke: var(--faint); }
table { border-collapse: collapse; margin-top: 1.5rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem 1rem .25rem 0; border-bottom: 1px solid var(--rule); text-align: right; font-weight: normal; }
th:first-child { text-align: left; }
thead th { font-weight: 600; }
footer { margin: 3rem 0 1rem; color: var(--faint); font-size: 13px; }
`;
