import { css, html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { formatDay, formatMinute } from '../format/times.ts';
import { hostStyles } from './host-styles.ts';
import {
  boxOf,
  drawOrder,
  placeLabels,
  ticksOf,
  type Band,
  type Lane,
  type Span,
} from './timeline-model.ts';

const labelColumn = 190;
const laneHeight = 50;
const top = 28;
/** Average width of a character of the label size, for placing labels before they are drawn. */
const characterPx = 6.4;

/**
 * Swim lanes of what was up, cut, draining, in trouble or unknown. Drawn in pixels of its own
 * width, so that text keeps its size. A table beside it says the same in words. Tells `band-open`
 * {id}.
 */
export class XTimeline extends LitElement {
  static override styles = [
    hostStyles,
    css`
      :host {
        display: block;
      }

      svg {
        display: block;
        font-family: var(--font);
        font-variant-numeric: tabular-nums;
        overflow: visible;
      }

      text {
        fill: var(--fg-muted);
        font-size: 11px;
      }

      .name {
        fill: var(--fg);
        font-size: 12.5px;
      }

      .grid {
        stroke: var(--line);
      }

      .ground {
        fill: var(--ok-mark);
        opacity: 0.24;
      }

      .band {
        cursor: pointer;
      }

      .cut {
        fill: var(--danger-mark);
      }

      .draining {
        fill: var(--accent);
      }

      .trouble {
        fill: var(--warn-mark);
      }

      .under {
        fill: var(--surface);
      }

      .hatch-ground {
        fill: var(--sunken);
      }

      .hatch-line {
        stroke: var(--fg-muted);
        opacity: 0.55;
      }

      .selected {
        stroke: var(--fg);
        stroke-width: 1.5;
      }

      .now {
        stroke: var(--fg-muted);
        stroke-dasharray: 2 3;
      }
    `,
  ];
  static override properties = {
    lanes: { attribute: false },
    span: { attribute: false },
    selected: { type: String },
    label: { type: String },
    widthPx: { state: true },
  };
  declare lanes: readonly Lane[];
  declare span: Span;
  /** The id of the incident to stand out. */
  declare selected: string;
  declare label: string;
  declare widthPx: number;
  readonly #resize = new ResizeObserver(([entry]) => {
    this.widthPx = Math.round(entry?.contentRect.width ?? 0);
  });

  constructor() {
    super();
    this.lanes = [];
    this.span = { fromMs: 0, toMs: 1 };
    this.selected = '';
    this.label = '';
    this.widthPx = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  override render() {
    if (this.widthPx === 0) return nothing;
    const narrow = this.widthPx < 640;
    const left = narrow ? 0 : labelColumn;
    const height = narrow ? laneHeight + 14 : laneHeight;
    const strip = this.widthPx - left - 1;
    const total = top + this.lanes.length * height;
    return html`<svg width=${this.widthPx} height=${total} role="img" aria-label=${this.label}>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse">
          <rect class="hatch-ground" width="6" height="6" />
          <path class="hatch-line" d="M-1 7 7-1M-1 1 1-1M5 7 7 5" />
        </pattern>
      </defs>
      ${this.#ticks(left, strip, total)}
      ${this.lanes.map((lane, index) =>
        this.#lane(lane, { left, strip, y: top + index * height, narrow }),
      )}
    </svg>`;
  }

  #ticks(left: number, strip: number, total: number): TemplateResult[] {
    const { span } = this;
    const zoneOffsetMs = -new Date(span.toMs).getTimezoneOffset() * 60_000;
    return ticksOf(span, Math.floor(strip / 96), zoneOffsetMs).map((at) => {
      const x = Math.round(left + boxAt(at, span, strip)) + 0.5;
      const midnight = (at + zoneOffsetMs) % 86_400_000 === 0;
      const words = midnight ? formatDay(at) : formatMinute(at, at);
      const last = x > left + strip - 34;
      return svg`<line class="grid" x1=${x} x2=${x} y1="20" y2=${total - 8} />
        <text x=${last ? x : x + 4} y="13" text-anchor=${last ? 'end' : 'start'}>${words}</text>`;
    });
  }

  #lane(
    lane: Lane,
    at: { left: number; strip: number; y: number; narrow: boolean },
  ): TemplateResult {
    const y = at.narrow ? at.y + 20 : at.y + 6;
    const words = at.narrow
      ? svg`<text class="name" x="0" y=${at.y + 13}>${lane.label}</text>
          <text x=${at.strip} y=${at.y + 13} text-anchor="end">${lane.sub}</text>`
      : svg`<text class="name" x="0" y=${at.y + 13}>${lane.label}</text>
          <text x="0" y=${at.y + 28}>${lane.sub}</text>`;
    const ground = lane.ground === 'live' ? 'ground' : '';
    const fill = lane.ground === 'live' ? nothing : 'url(#hatch)';
    const widthOf = (text: string) => text.length * characterPx;
    return svg`${words}
      <rect class=${ground} fill=${fill} x=${at.left} y=${y} width=${at.strip} height="16" rx="3" />
      ${drawOrder(lane.bands).map((band) => this.#band(band, at.left, at.strip, y))}
      ${placeLabels(lane.bands, this.span, at.strip, widthOf).map(
        ({ band, x, anchor }) =>
          svg`<text x=${at.left + x} y=${y + 29} text-anchor=${anchor}>${band.words}</text>`,
      )}`;
  }

  #band(band: Band, left: number, strip: number, y: number): TemplateResult | typeof nothing {
    const box = boxOf(band, this.span, strip);
    if (box === undefined) return nothing;
    const hatched = band.tone === 'unknown';
    const open = () =>
      this.dispatchEvent(new CustomEvent('band-open', { detail: { id: band.id } }));
    const selected = this.selected !== '' && band.id === this.selected ? 'selected' : '';
    const place = { x: left + box.x, width: box.width };
    return svg`<rect class="under" x=${place.x} y=${y} width=${place.width} height="16" rx="3" />
      <rect
        class="band ${hatched ? '' : band.tone} ${selected}"
        fill=${hatched ? 'url(#hatch)' : nothing}
        x=${place.x} y=${y} width=${place.width} height="16" rx="3"
        @click=${open}
      ><title>${band.words}</title></rect>`;
  }
}
customElements.define('x-timeline', XTimeline);

function boxAt(atMs: number, span: Span, width: number): number {
  return ((atMs - span.fromMs) / (span.toMs - span.fromMs)) * width;
}
