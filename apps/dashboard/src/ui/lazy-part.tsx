import { Component, type ReactNode, Suspense } from 'react';

/**
 * Wraps a part of the page that loads on demand. If loading fails, the page continues and says so.
 */
export class LazyPart extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return <Suspense fallback={null}>{this.props.children}</Suspense>;
    return (
      <p
        role="alert"
        className="fixed inset-x-4 bottom-4 z-40 mx-auto w-fit rounded-md border border-bad-fill bg-panel px-4 py-2"
      >
        A part of this page could not be loaded: the hub cannot be reached or was upgraded.{' '}
        <button
          type="button"
          className="py-2 text-accent underline underline-offset-2"
          onClick={() => location.reload()}
        >
          Reload the page
        </button>
      </p>
    );
  }
}
