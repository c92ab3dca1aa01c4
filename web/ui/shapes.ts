import { html, svg, type TemplateResult } from 'lit';

/**
 * Tones of a state. Each has its own shape beside its colour and its word, so that no state is
 * told by colour alone. The shapes are drawn, since fonts differ in how they draw such signs.
 */
export type Tone = 'ok' | 'info' | 'warn' | 'bad' | 'plain' | 'unknown' | 'draining';

const drawn: Record<Tone, TemplateResult> = {
  ok: svg`<path d="M1.6 5.4 4 7.8 8.6 2.4" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/>`,
  info: svg`<circle cx="5" cy="5" r="3.8" fill="currentColor"/>`,
  draining: svg`<path d="M5 1v6M2.2 4.8 5 7.8l2.8-3M1.4 9.4h7.2" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>`,
  warn: svg`<path d="M5 .9 9.6 9.1H.4z" fill="currentColor"/>`,
  bad: svg`<rect x="1" y="1" width="8" height="8" rx=".8" fill="currentColor"/>`,
  plain: svg`<path d="M1.5 5h7" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>`,
  unknown: svg`<path d="M1 9 9 1M1 5l4-4M5 9l4-4" stroke="currentColor" stroke-width="1.3" stroke-linecap="round"/>`,
};

export function shapeOf(tone: Tone): TemplateResult {
  return html`<svg class="shape" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
    ${drawn[tone]}
  </svg>`;
}
