package config

// Node is one thing in the picture of a plan.
type Node struct {
	// ID is the block's address, or pipeline.<pipeline>.<route> for a route.
	ID string `json:"id"`
	// Kind is KindSource, KindAnalyzer, KindSink or "route".
	Kind string `json:"kind"`
	// Label is what to write into the node, Pipeline where it stands ("" for sources and sinks, which pipelines share).
	Label    string `json:"label"`
	Pipeline string `json:"pipeline,omitempty"`
}

// Edge is one way that events (or insights) go.
type Edge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label,omitempty"`
	On    On     `json:"on"`
}

// Graph is the picture of a plan: for dot, mermaid or the pages.
type Graph struct {
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
}

// Graph returns who is connected with whom. An analyzer that several pipelines use has one node in each, as it runs in each.
func (p *Plan) Graph() Graph {
	var g Graph
	for _, b := range p.Sources {
		g.Nodes = append(g.Nodes, Node{ID: b.Address(), Kind: b.Kind, Label: b.Type + " " + b.Name})
	}
	for _, b := range p.Sinks {
		g.Nodes = append(g.Nodes, Node{ID: b.Address(), Kind: b.Kind, Label: b.Type + " " + b.Name})
	}
	for _, pipe := range p.Pipelines {
		g.addPipeline(pipe)
	}
	return g
}

func (g *Graph) addPipeline(p *Pipeline) {
	var last []string
	for _, b := range p.From {
		last = append(last, b.Address())
	}
	for _, b := range p.Through {
		id := "pipeline." + p.Name + "." + b.Address()
		g.Nodes = append(g.Nodes, Node{ID: id, Kind: b.Kind, Label: b.Type + " " + b.Name, Pipeline: p.Name})
		for _, from := range last {
			g.Edges = append(g.Edges, Edge{From: from, To: id, On: OnEvent})
		}
		last = []string{id}
	}
	for _, r := range p.Routes {
		g.addRoute(p, r, last)
	}
}

func (g *Graph) addRoute(p *Pipeline, r *Route, last []string) {
	id, when := "pipeline."+p.Name+"."+r.Name, ""
	if r.When != nil {
		when = r.When.String()
	}
	g.Nodes = append(g.Nodes, Node{ID: id, Kind: "route", Label: r.Name, Pipeline: p.Name})
	for _, from := range last {
		g.Edges = append(g.Edges, Edge{From: from, To: id, Label: when, On: r.On})
	}
	for _, sink := range r.To {
		g.Edges = append(g.Edges, Edge{From: id, To: sink.Address(), On: r.On})
	}
}
