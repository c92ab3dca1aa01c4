import { html, svg, type TemplateResult } from 'lit';

/** How much of what is expected has come. Said in words beside it, so hidden from screen readers. */
export function progressBar(seen: number, expected: number): TemplateResult {
  const part = expected === 0 ? 0 : Math.min(1, seen / expected) * 100;
  return html`<div class="bar ${seen >= expected ? 'full' : ''}" aria-hidden="true">
    <svg viewBox="0 0 100 1" preserveAspectRatio="none">
      ${svg`<rect width=${part} height="1"></rect>`}
    </svg>
  </div>`;
}
