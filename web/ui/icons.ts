import { html, svg, type TemplateResult } from 'lit';

/** Our own line icons, 16 × 16, drawn in the text's colour. */
const drawn = {
  stock: svg`<path d="M2 5.2 8 2l6 3.2v5.6L8 14l-6-3.2zM2 5.2l6 3.2 6-3.2M8 8.4V14"/>`,
  fleet: svg`<path d="M8 10.5v3M5.5 13.5h5M8 7.2v.1M5.4 9.6a3.6 3.6 0 0 1 0-5M10.6 9.6a3.6 3.6 0 0 0 0-5M3.4 11.4a6.2 6.2 0 0 1 0-8.6M12.6 11.4a6.2 6.2 0 0 0 0-8.6"/>`,
  outages: svg`<path d="M1.5 8h3l1.8-4.5 3 9L11 8h3.5"/>`,
  tasks: svg`<path d="m2 4 1.2 1.2L5.4 3M2 8.6l1.2 1.2 2.2-2.2M2 13l1.2 1.2 2.2-2.2M8 4.2h6M8 8.8h6M8 13.2h6"/>`,
  people: svg`<circle cx="6" cy="5.2" r="2.4"/><path d="M1.8 13.4c0-2.6 1.8-4.2 4.2-4.2s4.2 1.6 4.2 4.2M10.6 3a2.4 2.4 0 0 1 0 4.5M11.8 9.6c1.5.5 2.4 1.9 2.4 3.8"/>`,
  system: svg`<rect x="2" y="3" width="12" height="8" rx="1.2"/><path d="M6 13.5h4M8 11v2.5"/>`,
  light: svg`<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1"/>`,
  dark: svg`<path d="M13 9.7A5.6 5.6 0 1 1 6.3 3a4.6 4.6 0 0 0 6.7 6.7z"/>`,
  close: svg`<path d="m4 4 8 8M12 4l-8 8"/>`,
  back: svg`<path d="M9.5 3.5 5 8l4.5 4.5"/>`,
  search: svg`<circle cx="7" cy="7" r="4.2"/><path d="m10.2 10.2 3.3 3.3"/>`,
  signOut: svg`<path d="M6.5 2.5h-3v11h3M10 5l3 3-3 3M13 8H6.5"/>`,
  refresh: svg`<path d="M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3"/>`,
} satisfies Record<string, TemplateResult>;

export type IconName = keyof typeof drawn;

export function icon(name: IconName): TemplateResult {
  return html`<svg
    class="icon"
    viewBox="0 0 16 16"
    width="16"
    height="16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${drawn[name]}
  </svg>`;
}
