import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { hostStyles } from '../../ui/host-styles.ts';
import { shapeOf, type Tone } from '../../ui/shapes.ts';
import { toneStyles } from '../../ui/tone-styles.ts';
import type { ActResult } from '../acts/act-outbox.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { refusalWords } from '../words/act-words.ts';
import { taskTitle } from '../words/task-words.ts';

interface ResultWords {
  readonly tone: Extract<Tone, 'ok' | 'warn' | 'bad'>;
  readonly title: string;
  readonly lines: readonly string[];
}

/** What to tell of an act: that it is done, what was in the way and what to do, or that it waits. */
function resultWords(result: ActResult): ResultWords {
  const { title } = result.act;
  switch (result.type) {
    case 'applied': {
      const left = result.answer.tasks.map((task) => `To do now: ${taskTitle(task)}`);
      return { tone: left.length === 0 ? 'ok' : 'warn', title: `Done: ${title}`, lines: left };
    }
    case 'refused': {
      const { refusal } = result.answer;
      if (refusal === null) return { tone: 'bad', title: `Refused: ${title}`, lines: [] };
      const lines = [refusal.detail, refusal.remedy].filter((line) => line !== '');
      return { tone: 'bad', title: refusalWords[refusal.code], lines: [title, ...lines] };
    }
    case 'failed': {
      const words = floorProblemWords(result.problem);
      return { tone: 'bad', title: words.title, lines: [title, words.advice] };
    }
    case 'waiting':
      return {
        tone: 'warn',
        title: `Kept on this device: ${title}`,
        lines: ['The gateway has not answered. It is sent again by itself, and happens once.'],
      };
  }
}

/** Says what became of an act, to the eye and to a screen reader. The slot takes what to do next. */
export class FloorResult extends LitElement {
  static override styles = [
    hostStyles,
    toneStyles,
    css`
      :host {
        display: block;
      }

      /* Nothing said takes no room, but the region must be there before something is said in it. */
      :host(:not([told])) {
        position: absolute;
      }

      .said {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 2px 10px;
        padding: 12px 14px;
        border: 1px solid var(--tone-line);
        border-radius: var(--radius-l);
        background: var(--tone-soft);
      }

      .said > .shape {
        width: 16px;
        height: 16px;
        margin-top: 4px;
        color: var(--tone);
      }

      b {
        font-weight: 600;
        overflow-wrap: anywhere;
      }

      p {
        overflow-wrap: anywhere;
      }

      slot {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
        margin-top: 8px;
      }
    `,
  ];
  static override properties = { result: { attribute: false } };
  declare result: ActResult | undefined;

  constructor() {
    super();
    this.result = undefined;
  }

  override willUpdate(): void {
    this.toggleAttribute('told', this.result !== undefined);
  }

  /** On a small screen it may stand above what was pressed. */
  override updated(changed: PropertyValues<this>): void {
    if (changed.has('result') && this.result !== undefined) {
      this.scrollIntoView({ block: 'nearest' });
    }
  }

  override render() {
    const { result } = this;
    const words = result === undefined ? undefined : resultWords(result);
    return html`<div role="status" aria-live="polite">
      ${
        words === undefined
          ? nothing
          : html`<div class="said ${words.tone}">
              ${shapeOf(words.tone)}
              <div>
                <b>${words.title}</b>
                ${words.lines.map((line) => html`<p>${line}</p>`)}
                <slot></slot>
              </div>
            </div>`
      }
    </div>`;
  }
}
customElements.define('floor-result', FloorResult);
