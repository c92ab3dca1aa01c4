import { html, svg, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { status } from '../../ui/status.ts';

/**
 * How much of what is expected has come. Said in words beside it, so hidden from screen readers.
 *
 * @param seen null: not shown to who counts there.
 */
export function progressBar(seen: number | null, expected: number): TemplateResult {
  const part = expected === 0 || seen === null ? 0 : Math.min(1, seen / expected) * 100;
  const kind = seen === null ? 'untold' : seen >= expected ? 'full' : '';
  return html`<div class="bar ${kind}" aria-hidden="true">
    <svg viewBox="0 0 100 1" preserveAspectRatio="none">
      ${svg`<rect width=${part} height="1"></rect>`}
    </svg>
  </div>`;
}

/**
 * The same in words: `45 of 48`.
 *
 * @param complete of several lines together: what is over on one must not stand in for another.
 */
export function progressState(
  seen: number | null,
  expected: number,
  complete: boolean | null = seen === expected,
): TemplateResult {
  if (seen === null) {
    return status('unknown', 'not shown', 'Not shown while its zone is being counted');
  }
  const tone = complete === true ? 'ok' : seen > expected ? 'bad' : 'warn';
  const uneven = tone === 'warn' && seen === expected ? ', lines differ' : '';
  return status(tone, `${formatCount(seen)} of ${formatCount(expected)}${uneven}`);
}
