/** Takes what is to be undone when the test is over, last first; `onTestFinished` of a test's context is one. */
export type Cleanup = (undo: () => void | Promise<void>) => void;
