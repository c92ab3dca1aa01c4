import { css } from 'lit';

/** What is said in a tone: `--tone` for its mark, `--tone-soft` behind it, `--tone-line` around it. */
export const toneStyles = css`
  .plain {
    --tone: var(--fg-muted);
    --tone-soft: var(--sunken);
    --tone-line: var(--line-strong);
  }

  .ok {
    --tone: var(--ok);
    --tone-soft: var(--ok-soft);
    --tone-line: var(--ok-mark);
  }

  .warn {
    --tone: var(--warn);
    --tone-soft: var(--warn-soft);
    --tone-line: var(--warn-mark);
  }

  .bad {
    --tone: var(--danger);
    --tone-soft: var(--danger-soft);
    --tone-line: var(--danger-mark);
  }
`;
