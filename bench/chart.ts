import type { Results, Row } from './results.js';

/** An SVG of what a request costs with this package and with each peer. Undefined while a suite that it shows has not run. */
export function drawChart(results: Results): string | undefined {
  const panels: Panel[] = [];
  for (const { title, suites } of PANELS) {
    const sections = suites.map((suite) => results[suite]);
    if (!sections.every((section) => section !== undefined)) return undefined;
    panels.push({ title, bars: sections.flatMap(({ rows }) => barsOf(rows)) });
  }
  let y = 78;
  const drawn = panels.map((panel) => {
    const text = drawPanel(panel, y);
    y += PANEL_HEAD + panel.bars.length * BAR_STEP + PANEL_GAP;
    return text;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" role="img" aria-labelledby="title">`,
    '<title id="title">CPU time of one request, in microseconds, with express-session-info and with its peers</title>',
    STYLE,
    `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${y - 1}" rx="8"/>`,
    '<text class="title" x="24" y="36">What one request costs</text>',
    '<text class="note" x="24" y="56">CPU time in µs, shorter is better. Each panel has a scale of its own.</text>',
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** The panels, from top to bottom. A bar's name is the side's, after the request if the suite has several. */
const PANELS: readonly { title: string; suites: readonly string[] }[] = [
  { title: 'A route of an Express 5 app, with the session of its cookie', suites: ['attach'] },
  {
    title: 'The same on Redis and on Postgres (the lighter part is the database)',
    suites: ['redis', 'postgres'],
  },
  { title: 'The routes of the API, mounted in an Express 5 app', suites: ['express'] },
  { title: 'The routes of the API, on node:http', suites: ['node'] },
];

interface Bar {
  readonly name: string;
  readonly isOurs: boolean;
  readonly cpu: number;
  readonly databaseCpu: number;
}

interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** Of the requests of the API the lightest and the heaviest. The first side of each request is ours. */
function barsOf(all: readonly Row[]): Bar[] {
  const hasSeveral = all.some(({ request }) => request !== all[0]?.request);
  const rows = hasSeveral ? all.filter(({ request }) => SHOWN.includes(`${request}`)) : all;
  return rows.map(({ request, side, cpu, databaseCpu = 0 }, i) => ({
    name: hasSeveral ? `${request}: ${side}` : `${side}`,
    isOurs: rows[i - 1]?.request !== request,
    cpu: Number(cpu),
    databaseCpu: Number(databaseCpu),
  }));
}

const SHOWN = ['GET', 'POST with a body'];

const WIDTH = 820;
const PANEL_HEAD = 22;
const PANEL_GAP = 22;
const BAR_STEP = 24;
const BAR_LEFT = 300;
const BAR_LENGTH = 440;

function drawPanel({ title, bars }: Panel, top: number): string {
  const longest = Math.max(...bars.map(({ cpu, databaseCpu }) => cpu + databaseCpu));
  const lines = bars.map(({ name, isOurs, cpu, databaseCpu }, i) => {
    const y = top + PANEL_HEAD + i * BAR_STEP;
    const [app, database] = [cpu, databaseCpu].map((time) => (time / longest) * BAR_LENGTH) as [
      number,
      number,
    ];
    const side = isOurs ? 'ours' : 'peer';
    return [
      `<text class="${isOurs ? 'own-name' : 'name'}" x="${BAR_LEFT - 12}" y="${y + 12}">${name}</text>`,
      rect(side, BAR_LEFT, y, app),
      ...(database > 0 ? [rect(`${side} database`, BAR_LEFT + app, y, database)] : []),
      `<text class="value" x="${(BAR_LEFT + app + database + 8).toFixed(1)}" y="${y + 12}">${(cpu + databaseCpu).toFixed(1)}</text>`,
    ].join('');
  });
  return [`<text class="panel" x="24" y="${top + 8}">${title}</text>`, ...lines].join('\n');
}

function rect(side: string, x: number, y: number, width: number): string {
  return `<rect class="${side}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="16"/>`;
}

const STYLE = `<style>
text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
.title { font-size: 18px; font-weight: 600; }
.note { fill: #59636e; }
.panel { font-weight: 600; }
.name, .own-name { text-anchor: end; }
.own-name { font-weight: 600; fill: #0550ae; }
.value { font-variant-numeric: tabular-nums; }
.card { fill: #ffffff; stroke: #d1d9e0; }
.ours { fill: #0969da; }
.peer { fill: #8c959f; }
.database { opacity: 0.5; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.note { fill: #9198a1; }
.own-name { fill: #79c0ff; }
.card { fill: #0d1117; stroke: #3d444d; }
.ours { fill: #4493f8; }
.peer { fill: #6e7681; }
}
</style>`;
