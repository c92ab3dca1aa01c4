import { css } from 'lit';

/** A group of check boxes in a form: a `fieldset` with its `legend` and `.choices`. */
export const choiceStyles = css`
  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }

  legend {
    padding: 0;
    color: var(--fg-muted);
    font-size: var(--text-s);
  }

  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-1) var(--space-4);
    max-height: 160px;
    overflow: auto;
    padding-top: var(--space-1);
  }

  .choices label {
    display: inline-flex;
    gap: 6px;
    align-items: center;
    min-height: 24px;
  }

  input[type='checkbox'] {
    accent-color: var(--accent);
  }
`;
