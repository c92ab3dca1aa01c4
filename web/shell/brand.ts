import { html, type TemplateResult } from 'lit';

/** The mark and the name. */
export function brand(): TemplateResult {
  return html`<span class="brand">
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="4" fill="#1f58be" />
      <path
        d="M4.5 3.5v9M11.5 3.5v9M4.5 8h7"
        stroke="#fff"
        stroke-width="2"
        stroke-linecap="round"
      />
    </svg>
    Holdfast
  </span>`;
}
