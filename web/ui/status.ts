import { css, html, type TemplateResult } from 'lit';
import { shapeOf, type Tone } from './shapes.ts';

/**
 * A state as shape, word and colour. A template and not an element: grids draw hundreds of them.
 * Whoever uses it adds `statusStyles` to its own styles.
 */
export function status(tone: Tone, words: string, hover = ''): TemplateResult {
  return html`<span class="status ${tone}" title=${hover}
    >${shapeOf(tone)}<span class="words">${words}</span></span
  >`;
}

/** A value that nobody knows: hatched, and said in words for those who do not see it. */
export function unknown(why: string): TemplateResult {
  return html`<span class="unknown" title=${why}
    ><span class="visually-hidden">unknown: ${why}</span></span
  >`;
}

export const statusStyles = css`
  .status {
    display: inline-flex;
    gap: 5px;
    align-items: center;
    max-width: 100%;
    padding: 1px 7px 1px 6px;
    border-radius: var(--radius-s);
    font-size: 11.5px;
    font-weight: 500;
    line-height: 17px;
    white-space: nowrap;
  }

  .status .shape {
    flex: none;
    width: 9px;
    height: 9px;
  }

  .status .words {
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .status.ok {
    color: var(--ok);
    background: var(--ok-soft);
  }

  .status.info {
    color: var(--info);
    background: var(--info-soft);
  }

  .status.draining {
    color: var(--accent-strong);
    background: var(--accent-soft);
  }

  .status.warn {
    color: var(--warn);
    background: var(--warn-soft);
  }

  .status.bad {
    color: var(--danger);
    background: var(--danger-soft);
  }

  .status.plain {
    color: var(--fg-muted);
    background: var(--sunken);
  }

  .status.unknown {
    color: var(--fg-muted);
    background: var(--hatch);
    box-shadow: inset 0 0 0 1px var(--line-strong);
  }

  .unknown:not(.status) {
    display: inline-block;
    width: 44px;
    height: 14px;
    border-radius: 3px;
    background: var(--hatch);
    box-shadow: inset 0 0 0 1px var(--line-strong);
    vertical-align: -2px;
  }
`;
