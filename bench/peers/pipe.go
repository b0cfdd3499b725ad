package main

import (
	"bufio"
	"bytes"
	"io"
)

// emit writes events as lines: an input out of process.
func emit(out io.Writer, args []string) error {
	n, err := number(args)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 1<<16)
	line := append([]byte(text()), '\n')
	for range n {
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return w.Flush()
}

// echo answers each line with the line, after counting its words: a processor out of process. The engine waits for each
// answer before it sends the next line, so each is flushed.
func echo(in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, 1<<16)
	words := 0
	for {
		line, err := lines.ReadSlice('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		words += len(bytes.Fields(line))
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
}
