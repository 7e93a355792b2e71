import { Component, type ReactNode, Suspense } from 'react';

/** Around a part of the frame that is loaded when it is needed: without it the page goes on. */
export class LazyPart extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? null : <Suspense fallback={null}>{this.props.children}</Suspense>;
  }
}
