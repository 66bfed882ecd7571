// Yardstick does the API work of a run and nothing else: no configuration, no ownership, no status, no report. It says
// what a run could cost at best on the machine it runs on, written as a client-go user would write it, but without the
// client's rate limit.
//
//	yardstick sync  KUBECONFIG NAMESPACES CONFIG   create or update what differs in the namespaces with that prefix
//	yardstick reset KUBECONFIG NAMESPACES          remove all of it, as if nothing had run yet
//	yardstick fill  KUBECONFIG NAMESPACES COUNT    create namespaces until there are so many of that prefix
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	secretName = "image-pull-secret"
	// What the job lists in a page, and how many requests it has under way by default.
	pageSize    = 500
	concurrency = 16
	// The release whose marks it writes, so that the job takes its copies for its own in the next run.
	owner = "registry-access/pullsecret-sync"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: yardstick sync|reset|fill KUBECONFIG NAMESPACES [CONFIG|COUNT]")
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[1])
	if err != nil {
		return err
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	work := work{client: client, prefix: args[2]}
	switch {
	case args[0] == "sync" && len(args) == 4:
		content, err := os.ReadFile(args[3])
		if err != nil {
			return err
		}
		return work.sync(ctx, content)
	case args[0] == "reset" && len(args) == 3:
		return work.reset(ctx)
	case args[0] == "fill" && len(args) == 4:
		count, err := strconv.Atoi(args[3])
		if err != nil {
			return err
		}
		return work.fill(ctx, count)
	}
	return fmt.Errorf("there is no such command: %s with %d arguments", args[0], len(args)-1)
}

type work struct {
	client *kubernetes.Clientset
	// Only namespaces whose name begins with it are touched.
	prefix string
}

// observed is what a run needs to know of the cluster.
type observed struct {
	namespaces []string
	secrets    map[string]string
	references map[string]bool
	accounts   map[string]bool
}

func (w work) sync(ctx context.Context, content []byte) error {
	seen, err := w.observe(ctx)
	if err != nil {
		return err
	}
	group := limited(ctx)
	for _, namespace := range seen.namespaces {
		current, there := seen.secrets[namespace]
		wrong := !there || current != string(content)
		lacking := seen.accounts[namespace] && !seen.references[namespace]
		if !wrong && !lacking {
			continue
		}
		group.Go(func() error {
			if wrong {
				if err := w.applySecret(ctx, namespace, content); err != nil {
					return err
				}
			}
			if lacking {
				return w.setReferences(ctx, namespace, []corev1.LocalObjectReference{{Name: secretName}})
			}
			return nil
		})
	}
	return group.Wait()
}

func (w work) observe(ctx context.Context) (observed, error) {
	seen := observed{secrets: map[string]string{}, references: map[string]bool{}, accounts: map[string]bool{}}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		seen.namespaces, err = w.namespaces(ctx)
		return err
	})
	group.Go(func() error {
		return pages(metav1.ListOptions{FieldSelector: "metadata.name=" + secretName}, func(options metav1.ListOptions) (string, error) {
			list, err := w.client.CoreV1().Secrets("").List(ctx, options)
			if err != nil {
				return "", err
			}
			for _, secret := range list.Items {
				seen.secrets[secret.Namespace] = string(secret.Data[corev1.DockerConfigJsonKey])
			}
			return list.Continue, nil
		})
	})
	group.Go(func() error {
		return pages(metav1.ListOptions{FieldSelector: "metadata.name=default"}, func(options metav1.ListOptions) (string, error) {
			list, err := w.client.CoreV1().ServiceAccounts("").List(ctx, options)
			if err != nil {
				return "", err
			}
			for _, account := range list.Items {
				seen.accounts[account.Namespace] = true
				for _, reference := range account.ImagePullSecrets {
					if reference.Name == secretName {
						seen.references[account.Namespace] = true
					}
				}
			}
			return list.Continue, nil
		})
	})
	return seen, group.Wait()
}

func (w work) namespaces(ctx context.Context) ([]string, error) {
	var names []string
	err := pages(metav1.ListOptions{}, func(options metav1.ListOptions) (string, error) {
		list, err := w.client.CoreV1().Namespaces().List(ctx, options)
		if err != nil {
			return "", err
		}
		for _, namespace := range list.Items {
			if strings.HasPrefix(namespace.Name, w.prefix) {
				names = append(names, namespace.Name)
			}
		}
		return list.Continue, nil
	})
	return names, err
}

func (w work) applySecret(ctx context.Context, namespace string, content []byte) error {
	body, err := json.Marshal(map[string]any{
		"apiVersion": "v1",
		"kind":       "Secret",
		"metadata": map[string]any{
			"name":        secretName,
			"labels":      map[string]string{"app.kubernetes.io/managed-by": "pullsecret-sync"},
			"annotations": map[string]string{"pullsecret-sync.io/owner": owner + "/" + namespace},
		},
		"type": corev1.SecretTypeDockerConfigJson,
		"data": map[string]string{corev1.DockerConfigJsonKey: base64.StdEncoding.EncodeToString(content)},
	})
	if err != nil {
		return err
	}
	force := true
	options := metav1.PatchOptions{FieldManager: "yardstick", Force: &force}
	_, err = w.client.CoreV1().Secrets(namespace).Patch(ctx, secretName, types.ApplyPatchType, body, options)
	return err
}

func (w work) setReferences(ctx context.Context, namespace string, references []corev1.LocalObjectReference) error {
	body, err := json.Marshal(map[string]any{
		"metadata":         map[string]any{"annotations": map[string]string{"pullsecret-sync.io/added": owner + ":" + secretName}},
		"imagePullSecrets": references,
	})
	if err != nil {
		return err
	}
	_, err = w.client.CoreV1().ServiceAccounts(namespace).Patch(ctx, "default", types.MergePatchType, body, metav1.PatchOptions{})
	return err
}

func (w work) reset(ctx context.Context) error {
	names, err := w.namespaces(ctx)
	if err != nil {
		return err
	}
	body := []byte(`{"metadata":{"annotations":null},"imagePullSecrets":null}`)
	group := limited(ctx)
	for _, namespace := range names {
		group.Go(func() error {
			err := w.client.CoreV1().Secrets(namespace).Delete(ctx, secretName, metav1.DeleteOptions{})
			if err != nil && !errors.IsNotFound(err) {
				return err
			}
			_, err = w.client.CoreV1().ServiceAccounts(namespace).Patch(ctx, "default", types.MergePatchType, body, metav1.PatchOptions{})
			return err
		})
	}
	return group.Wait()
}

func (w work) fill(ctx context.Context, count int) error {
	group := limited(ctx)
	for index := range count {
		group.Go(func() error {
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%s%05d", w.prefix, index)}}
			_, err := w.client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{})
			if errors.IsAlreadyExists(err) {
				return nil
			}
			return err
		})
	}
	return group.Wait()
}

func limited(ctx context.Context) *errgroup.Group {
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	return group
}

// pages asks for one page after the other until there is none left.
func pages(options metav1.ListOptions, page func(metav1.ListOptions) (string, error)) error {
	options.Limit = pageSize
	for {
		next, err := page(options)
		if err != nil || next == "" {
			return err
		}
		options.Continue = next
	}
}
