import { Component, type ReactNode } from 'react';
import { ErrorState } from './states';

interface State {
  error?: unknown;
}

/** A view that throws leaves the frame standing. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = {};

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return (
      <div style={{ padding: 24 }}>
        <ErrorState
          what="This view failed"
          error={this.state.error}
          still="The others work, and so does the system."
          onRetry={() => this.setState({ error: undefined })}
        />
      </div>
    );
  }
}
