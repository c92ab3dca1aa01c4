import { html, type TemplateResult } from 'lit';
import { formatAbsolute, formatAgo, formatUtc } from '../format/times.ts';

/** A time as its distance from now, with the exact time and zone on hover. */
export function timeAgo(atMs: number, nowMs: number): TemplateResult {
  return html`<time datetime=${formatUtc(atMs)} title=${formatAbsolute(atMs)}
    >${formatAgo(atMs, nowMs)}</time
  >`;
}
