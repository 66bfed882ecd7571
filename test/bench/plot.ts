import { lineY, plot, selectLast, text } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Plot } from './figure.ts';

/** A plot as SVG: what is measured against the number of namespaces, a line for each program. Both scales are logarithmic. */
export function drawPlot({ title, unit, points }: Plot): string {
  const { document } = parseHTML('<html></html>');
  const channels = { x: 'namespaces', y: 'value', z: 'program' };
  const figure = plot({
    document,
    width: 720,
    height: 420,
    marginLeft: 60,
    marginRight: 120,
    marginTop: 48,
    style: { fontFamily: 'sans-serif', fontSize: '13px', background: 'white', color: 'black' },
    x: {
      type: 'log',
      label: 'namespaces',
      ticks: [...new Set(points.map(({ namespaces }) => namespaces))],
      tickFormat: ',d',
    },
    y: { type: 'log', label: unit, grid: true, tickFormat: '~g' },
    color: { scheme: 'Observable10' },
    marks: [
      lineY(points, { ...channels, stroke: 'program', marker: 'circle', strokeWidth: 2 }),
      text(points, selectLast({ ...channels, text: 'program', fill: 'program', textAnchor: 'start', dx: 8 })),
      text([title], { frameAnchor: 'top-left', dy: -36, fontSize: 15, fontWeight: 'bold' }),
    ],
  });
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  figure.setAttribute('role', 'img');
  figure.setAttribute('aria-label', title);
  return `${figure.outerHTML}\n`;
}
