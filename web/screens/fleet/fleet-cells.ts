import { html, type TemplateResult } from 'lit';
import { formatSkew } from '../../format/times.ts';
import { status } from '../../ui/status.ts';
import { timeAgo } from '../../ui/time-text.ts';
import type { StateWords } from './fleet-model.ts';

/** A clock that is further off than this makes times of events doubtful. */
const skewWarnMs = 2000;

export function stateCell(of: StateWords): TemplateResult {
  return status(of.tone, of.words, of.hover);
}

/** A missing value: the cell's ground is hatched, and this says it in words. */
export function unknownCell(why: string): TemplateResult {
  return html`<span class="visually-hidden">unknown: ${why}</span>`;
}

export function knownCell(
  value: number | null,
  format: (value: number) => string,
): TemplateResult | string {
  return value === null ? unknownCell('its gateway has not said') : format(value);
}

export function heardCell(atMs: number | null, nowMs: number): TemplateResult {
  return atMs === null ? unknownCell('never heard') : timeAgo(atMs, nowMs);
}

export function skewCell(skewMs: number | null): TemplateResult {
  if (skewMs === null) return unknownCell('no time of its own');
  const off = Math.abs(skewMs) > skewWarnMs;
  return html`<span class=${off ? 'negative' : ''}>${formatSkew(skewMs)}</span>`;
}
